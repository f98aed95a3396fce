/** The command tree: one line a command, loaded when used. The path is the file's name. */
import type { DriverKind } from '@spec-kitty/core/status/merge-driver'
import type { Ports } from '@spec-kitty/core/world/ports'
import type { Command } from '../command.ts'

export interface Entry {
  readonly summary: string
  readonly load: () => Promise<{ readonly command: Command }>
  /** Works, but is not shown in help: plumbing, and spellings of the Python edition. */
  readonly hidden: boolean
  /** Works in a project of any layout, also one made for another version. */
  readonly anyLayout: boolean
}

function entry(summary: string, load: Entry['load']): Entry {
  return { summary, load, hidden: false, anyLayout: false }
}

/** It has nothing to do with the layout of the project, looks after it, or only tells where things are. */
function anyLayout(summary: string, load: Entry['load']): Entry {
  return { ...entry(summary, load), anyLayout: true }
}

/** Sorted by path. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  accept: entry('Check that a mission is ready and record its acceptance', () => import('./accept.ts')),
  'agent action implement': entry(
    'Claim a work package, get its worktree and instructions',
    () => import('./agent/action/implement.ts'),
  ),
  'agent action review': entry(
    'Claim a work package for review, get the diff and instructions',
    () => import('./agent/action/review.ts'),
  ),
  'agent config add': entry('Set up more agents', () => import('./agent/config/add.ts')),
  'agent config list': entry('List the agents of this project', () => import('./agent/config/list.ts')),
  'agent config remove': entry('Take agents out again', () => import('./agent/config/remove.ts')),
  'agent config set': entry('Set a switch of this project', () => import('./agent/config/set.ts')),
  'agent config status': entry(
    'Compare the files of agents with the configuration',
    () => import('./agent/config/status.ts'),
  ),
  'agent config sync': entry(
    'Bring the files of agents in line with the configuration',
    () => import('./agent/config/sync.ts'),
  ),
  'agent context resolve': anyLayout(
    'Resolve an action for a prompt',
    () => import('./agent/context/resolve.ts'),
  ),
  'agent decision cancel': entry('Withdraw a question', () => import('./agent/decision/cancel.ts')),
  'agent decision defer': entry('Put a decision off', () => import('./agent/decision/defer.ts')),
  'agent decision list': entry('List questions and answers', () => import('./agent/decision/list.ts')),
  'agent decision open': entry('Put a question on record', () => import('./agent/decision/open.ts')),
  'agent decision resolve': entry('Answer a decision', () => import('./agent/decision/resolve.ts')),
  'agent decision verify': entry('Compare markers and decisions', () => import('./agent/decision/verify.ts')),
  'agent mission accept': entry(
    'Check that a mission is ready and record its acceptance',
    () => import('./accept.ts'),
  ),
  'agent mission branch-context': anyLayout(
    'Show the branches of a new mission',
    () => import('./agent/mission/branch-context.ts'),
  ),
  'agent mission check-prerequisites': anyLayout(
    'List the documents of a mission',
    () => import('./agent/mission/check-prerequisites.ts'),
  ),
  'agent mission create': entry('Make a mission', () => import('./agent/mission/create.ts')),
  'agent mission finalize-tasks': entry(
    'Check the tasks and compute the lanes',
    () => import('./agent/mission/finalize-tasks.ts'),
  ),
  'agent mission merge': entry('Merge an approved mission', () => import('./merge.ts')),
  'agent mission record-analysis': entry(
    'File the report of an analysis',
    () => import('./agent/mission/record-analysis.ts'),
  ),
  'agent mission setup-plan': entry(
    'Check the specification and open the plan',
    () => import('./agent/mission/setup-plan.ts'),
  ),
  'agent status doctor': entry(
    'Find and mend trouble in the status of a mission',
    () => import('./agent/status/doctor.ts'),
  ),
  'agent status emit': entry(
    'Append one lane change to the event log',
    () => import('./agent/status/emit.ts'),
  ),
  'agent status lifecycle': entry('Tell how alive a mission is', () => import('./agent/status/lifecycle.ts')),
  'agent status materialize': entry(
    'Write status.json from the event log',
    () => import('./agent/status/materialize.ts'),
  ),
  'agent status validate': entry(
    'Judge the event log and status.json',
    () => import('./agent/status/validate.ts'),
  ),
  'agent tasks add-history': entry(
    'Add to the activity log of a work package',
    () => import('./agent/tasks/add-history.ts'),
  ),
  'agent tasks finalize-tasks': entry(
    'Plan the work packages of tasks.md, without lanes',
    () => import('./agent/tasks/finalize-tasks.ts'),
  ),
  'agent tasks list-dependents': entry(
    'Show who waits for a work package',
    () => import('./agent/tasks/list-dependents.ts'),
  ),
  'agent tasks list-tasks': entry(
    'List work packages with their lanes',
    () => import('./agent/tasks/list-tasks.ts'),
  ),
  'agent tasks map-requirements': entry(
    'Record which work package brings which requirement',
    () => import('./agent/tasks/map-requirements.ts'),
  ),
  'agent tasks mark-status': entry(
    'Tick subtasks in tasks.md, or finish work packages',
    () => import('./agent/tasks/mark-status.ts'),
  ),
  'agent tasks move-task': entry(
    'Move a work package to another lane',
    () => import('./agent/tasks/move-task.ts'),
  ),
  'agent tasks status': anyLayout('Show the board of a mission', () => import('./agent/tasks/status.ts')),
  'agent tasks validate-workflow': entry(
    'Check the file of a work package',
    () => import('./agent/tasks/validate-workflow.ts'),
  ),
  approve: entry('Approve a work package', () => import('./approve.ts')),
  'auth doctor': anyLayout('Find what is wrong with the login', () => import('./auth/doctor.ts')),
  'auth login': anyLayout('Log in to the sync server', () => import('./auth/login.ts')),
  'auth logout': anyLayout('Revoke and forget the login', () => import('./auth/logout.ts')),
  'auth status': anyLayout('Show who is logged in', () => import('./auth/status.ts')),
  'auth whoami': anyLayout('Print the e-mail address of the login', () => import('./auth/whoami.ts')),
  board: anyLayout('Show the board of a mission', () => import('./agent/tasks/status.ts')),
  'charter context': entry('Print the rules for a step', () => import('./charter/context.ts')),
  'charter generate': entry('Write the charter from the answers', () => import('./charter/generate.ts')),
  'charter interview': entry('Ask for the rules of this project', () => import('./charter/interview.ts')),
  'charter preflight': entry('Tell whether there is a charter', () => import('./charter/preflight.ts')),
  'charter status': entry('Show the state of the charter', () => import('./charter/status.ts')),
  'charter sync': entry('Nothing to do: for old scripts', () => import('./charter/sync.ts')),
  completion: anyLayout('Complete commands in your shell', () => import('./completion.ts')),
  config: entry('Show the settings of this project', () => import('./config.ts')),
  consolidate: {
    ...entry('Merge an approved mission: a second name', () => import('./merge.ts')),
    hidden: true,
  },
  'context cleanup': entry('Remove contexts whose worktree is gone', () => import('./context/cleanup.ts')),
  'context info': entry('Show the context of a lane worktree', () => import('./context/info.ts')),
  'context list': entry('List the lane worktrees made here', () => import('./context/list.ts')),
  dashboard: anyLayout('Show missions and boards in a browser', () => import('./dashboard.ts')),
  docs: anyLayout('Print a page of the documentation', () => import('./docs.ts')),
  doctor: anyLayout('Find everything that is wrong, and mend it', () => import('./doctor.ts')),
  'doctor identity': anyLayout('Show the ids and numbers of missions', () => import('./doctor/identity.ts')),
  'doctor mission-state': anyLayout(
    'Find trouble in the state of missions',
    () => import('./doctor/mission-state.ts'),
  ),
  'doctor state-roots': anyLayout('Show what lives where', () => import('./doctor/state-roots.ts')),
  'doctor workspaces': anyLayout(
    'Find directories that are no worktrees',
    () => import('./doctor/workspaces.ts'),
  ),
  implement: entry('Claim a work package and get its worktree', () => import('./implement.ts')),
  import: entry('Take over specifications of spec-kit or OpenSpec', () => import('./import.ts')),
  init: anyLayout('Set up this project for your coding agents', () => import('./init.ts')),
  instructions: anyLayout('Print a page of instructions', () => import('./instructions.ts')),
  intake: entry('Store a plan as the brief of the next mission', () => import('./intake.ts')),
  log: entry('Tell what happened, oldest first', () => import('./log.ts')),
  materialize: entry(
    'Write status.json and the derived views from the event logs',
    () => import('./materialize.ts'),
  ),
  merge: entry('Merge an approved mission into its target branch', () => import('./merge.ts')),
  'migrate backfill-identity': anyLayout(
    'Give old missions their ids',
    () => import('./migrate/backfill-identity.ts'),
  ),
  'migrate flatten': anyLayout(
    'Make a mission of the Python edition flat',
    () => import('./migrate/flatten.ts'),
  ),
  'mission close': entry('Close a mission, or give it up', () => import('./mission/close.ts')),
  'mission current': entry('Show the mission that commands mean here', () => import('./mission/current.ts')),
  'mission follow-up': entry(
    'Note a commit or pull request after a mission',
    () => import('./mission/follow-up.ts'),
  ),
  'mission info': entry('Show one mission', () => import('./mission/info.ts')),
  'mission list': entry('List the missions', () => import('./mission/list.ts')),
  'mission reopen': entry('Open a finished mission again', () => import('./mission/reopen.ts')),
  'mission-type list': entry('List the kinds of mission', () => import('./mission-type/list.ts')),
  'mission-type show': entry('Show one kind of mission', () => import('./mission-type/show.ts')),
  next: entry('Say what to do now', () => import('./next.ts')),
  'orchestrator-api accept-mission': entry(
    'Accept a mission whose work packages are approved',
    () => import('./orchestrator-api/accept-mission.ts'),
  ),
  'orchestrator-api answer-decision': entry(
    'Answer the decision that next waits for',
    () => import('./orchestrator-api/answer-decision.ts'),
  ),
  'orchestrator-api append-history': entry(
    'Add to the activity log of a work package',
    () => import('./orchestrator-api/append-history.ts'),
  ),
  'orchestrator-api cancel-decision': entry(
    'Withdraw a question',
    () => import('./orchestrator-api/cancel-decision.ts'),
  ),
  'orchestrator-api check-prerequisites': entry(
    'List the documents of a mission',
    () => import('./orchestrator-api/check-prerequisites.ts'),
  ),
  'orchestrator-api consolidate-mission': entry(
    'Merge a mission: a second name',
    () => import('./orchestrator-api/consolidate-mission.ts'),
  ),
  'orchestrator-api contract-version': entry(
    'Tell the version of this contract',
    () => import('./orchestrator-api/contract-version.ts'),
  ),
  'orchestrator-api defer-decision': entry(
    'Put a decision off',
    () => import('./orchestrator-api/defer-decision.ts'),
  ),
  'orchestrator-api design-status': entry(
    'Tell how far the planning has come',
    () => import('./orchestrator-api/design-status.ts'),
  ),
  'orchestrator-api list-ready': entry(
    'List the work packages that may be begun',
    () => import('./orchestrator-api/list-ready.ts'),
  ),
  'orchestrator-api merge-mission': entry(
    'Merge an approved mission into its target branch',
    () => import('./orchestrator-api/merge-mission.ts'),
  ),
  'orchestrator-api mission-state': entry(
    'List the work packages of a mission with their lanes',
    () => import('./orchestrator-api/mission-state.ts'),
  ),
  'orchestrator-api open-decision': entry(
    'Put a question on record',
    () => import('./orchestrator-api/open-decision.ts'),
  ),
  'orchestrator-api plan': entry('Make and check the plan', () => import('./orchestrator-api/plan.ts')),
  'orchestrator-api record-analysis': entry(
    'File the report of an analysis',
    () => import('./orchestrator-api/record-analysis.ts'),
  ),
  'orchestrator-api resolve-decision': entry(
    'Answer a decision',
    () => import('./orchestrator-api/resolve-decision.ts'),
  ),
  'orchestrator-api resolve-workspace': entry(
    'Tell where a work package is worked on',
    () => import('./orchestrator-api/resolve-workspace.ts'),
  ),
  'orchestrator-api specify': entry('Make a mission', () => import('./orchestrator-api/specify.ts')),
  'orchestrator-api start-implementation': entry(
    'Claim a work package and make its worktree',
    () => import('./orchestrator-api/start-implementation.ts'),
  ),
  'orchestrator-api start-review': entry(
    'Claim a work package for review',
    () => import('./orchestrator-api/start-review.ts'),
  ),
  'orchestrator-api tasks': entry(
    'Check the tasks and compute the lanes',
    () => import('./orchestrator-api/tasks.ts'),
  ),
  'orchestrator-api transition': entry(
    'Move a work package to another lane',
    () => import('./orchestrator-api/transition.ts'),
  ),
  plan: entry('Check the specification and open the plan', () => import('./plan.ts')),
  promote: entry('Make a full mission of a quick one', () => import('./promote.ts')),
  quick: entry('Begin a small change without ceremony', () => import('./quick.ts')),
  reject: entry('Send a work package back with feedback', () => import('./reject.ts')),
  research: entry('Open the research of a mission', () => import('./research.ts')),
  'review import': entry('Make feedback of what a pull request was told', () => import('./review/import.ts')),
  'safe-commit': entry('Commit exactly the files you list', () => import('./safe-commit.ts')),
  schema: anyLayout(
    'Print the JSON Schema of what a command prints with --json',
    () => import('./schema.ts'),
  ),
  serve: anyLayout('Run a sync server for your team', () => import('./serve.ts')),
  'serve audit': anyLayout('Show who did what at a sync server', () => import('./serve/audit.ts')),
  'serve backup': anyLayout('Copy the database of a running server', () => import('./serve/backup.ts')),
  'serve check': anyLayout('Hold a database against itself', () => import('./serve/check.ts')),
  'serve limits': anyLayout('Show or set what may be kept', () => import('./serve/limits.ts')),
  'serve prune': anyLayout('Remove what is older than it is kept', () => import('./serve/prune.ts')),
  'serve restore': anyLayout('Bring a backup back', () => import('./serve/restore.ts')),
  'serve session list': anyLayout(
    'Show the logins of a sync server',
    () => import('./serve/session/list.ts'),
  ),
  'serve session revoke': anyLayout('End logins of a sync server', () => import('./serve/session/revoke.ts')),
  'serve team add': anyLayout('Make a team', () => import('./serve/team/add.ts')),
  'serve team list': anyLayout('Show the teams of a sync server', () => import('./serve/team/list.ts')),
  'serve team remove': anyLayout('Take a team away', () => import('./serve/team/remove.ts')),
  'serve team role': anyLayout('Let a user into a team, or out', () => import('./serve/team/role.ts')),
  'serve user add': anyLayout('Add a user to a sync server', () => import('./serve/user/add.ts')),
  'serve user disable': anyLayout('Keep a user out', () => import('./serve/user/disable.ts')),
  'serve user enable': anyLayout('Let a disabled user in again', () => import('./serve/user/enable.ts')),
  'serve user link': anyLayout('Tie a user to a company sign-in', () => import('./serve/user/link.ts')),
  'serve user list': anyLayout('Show the users of a sync server', () => import('./serve/user/list.ts')),
  'serve user passwd': anyLayout('Give a user a new password', () => import('./serve/user/passwd.ts')),
  'serve user remove': anyLayout('Take a user away for good', () => import('./serve/user/remove.ts')),
  'session-start': entry('Tell an agent what is open here', () => import('./session-start.ts')),
  show: entry('Show how one work package stands', () => import('./show.ts')),
  specify: entry('Make a mission from a title', () => import('./specify.ts')),
  start: entry(
    'Claim a work package, get its worktree and instructions',
    () => import('./agent/action/implement.ts'),
  ),
  status: anyLayout('Show the board of a mission', () => import('./agent/tasks/status.ts')),
  submit: entry('Hand a work package over for review', () => import('./submit.ts')),
  'sync backfill': entry('Tell the server what the logs say', () => import('./sync/backfill.ts')),
  'sync diagnose': entry('Hold waiting events against the contract', () => import('./sync/diagnose.ts')),
  'sync doctor': entry('Find what is wrong with sync', () => import('./sync/doctor.ts')),
  'sync now': entry('Send everything that waits', () => import('./sync/now.ts')),
  'sync opt-in': entry('Let events of this repository be sent', () => import('./sync/opt-in.ts')),
  'sync opt-out': entry('Keep events of this repository here', () => import('./sync/opt-out.ts')),
  'sync routes': entry('Show where events of this checkout go', () => import('./sync/routes.ts')),
  'sync server': entry('Show or set the sync server', () => import('./sync/server.ts')),
  'sync share': entry('Share this repository with a team', () => import('./sync/share.ts')),
  'sync status': entry('Show what waits to be sent', () => import('./sync/status.ts')),
  'sync unshare': entry('End sharing this repository with a team', () => import('./sync/unshare.ts')),
  'sync watch': entry('Send what is queued as it comes', () => import('./sync/watch.ts')),
  tasks: entry('Check the tasks and compute the lanes', () => import('./tasks.ts')),
  tour: anyLayout('See a whole mission in a throw-away repository', () => import('./tour.ts')),
  trust: entry('Allow a command of this repository to run', () => import('./trust.ts')),
  uninstall: anyLayout('Take Spec Kitty out of this project', () => import('./uninstall.ts')),
  upgrade: anyLayout('Bring the files of Spec Kitty up to date', () => import('./upgrade.ts')),
  'validate-encoding': entry('Find documents that are not UTF-8', () => import('./validate-encoding.ts')),
  verify: entry('Check that the missions of a branch are consistent', () => import('./verify.ts')),
  'verify-setup': anyLayout('Tell whether everything is in place', () => import('./verify-setup.ts')),
  where: entry('Show where you stand and what comes next', () => import('./where.ts')),
}

/** The words that Python editions register in git's configuration, and how such a file merges. */
const DRIVERS = [
  ['event-log', 'rows'],
  ['meta', 'keys'],
  ['traces', 'lines'],
  ['acceptance-matrix', 'keys'],
  ['issue-matrix', 'keys'],
  ['review-cycle', 'text'],
  ['decision-index', 'keys'],
] as const

const DRIVER = 'merge-driver-'

function driver(name: string, kind: DriverKind): Entry {
  const load = async () => (await import('./merge-driver.ts')).mergeDriver(name, kind)
  return anyLayout('Merge a file of a mission for git', load)
}

/** A command by its path. Of a merge driver that a later edition brings: what merges text. */
export function entryOf(path: string): Entry | undefined {
  const known = COMMANDS[path] ?? HIDDEN[path]
  return known ?? (/^merge-driver-[a-z-]+$/.test(path) ? driver(path, 'text') : undefined)
}

/** Hidden plumbing. */
export const HIDDEN: Readonly<Record<string, Entry>> = {
  complete: entry('Say what may come next on a command line', () => import('./complete.ts')),
  ...Object.fromEntries(
    DRIVERS.map(([word, kind]) => [`${DRIVER}${word}`, driver(`${DRIVER}${word}`, kind)]),
  ),
  'mission-type info': entry('Show one kind of mission', () => import('./mission-type/info.ts')),
}

/** How a group of commands answers when the command line is not understood. */
export interface Dialect {
  readonly failure: (ports: Ports, error: unknown) => { readonly document: object; readonly status: number }
}

/** Groups whose failures are documents of their own form, with or without `--json`. */
export const DIALECTS: Readonly<Record<string, () => Promise<Dialect>>> = {
  'orchestrator-api': () => import('./orchestrator-api/dialect.ts'),
}
