/** Every command that answers `--json` in 3.2.0 and here, by the state of the mission it is asked in. */

/** M stands for the mission; `{key}` for that key of the answer before; `# FILE` writes one. */
export interface Case {
  readonly at: State
  /** Asked one after the other. */
  readonly words: readonly string[]
  /** Part of the short form, which runs with the other tests. */
  readonly short?: true
}

export const STATES = ['planned', 'begun', 'handed-over', 'approved', 'accepted', 'merged'] as const
export type State = (typeof STATES)[number]

const DECISION =
  'agent decision open --mission M --flow plan --step-id s1 --input-key storage --question Where? --options ["files","git"] --json'
/** What an orchestrator says it may do. */
export const POLICY =
  '{"orchestrator_id":"o","orchestrator_version":"1","agent_family":"claude","approval_mode":"auto","sandbox_mode":"none","network_mode":"none","dangerous_flags":[]}'
const API = `--mission M --wp WP01 --actor orchestrator --policy ${POLICY}`

const AT: Readonly<Record<State, readonly (string | readonly string[])[]>> = {
  planned: [
    '! agent tasks status --mission M --json',
    '! accept --mission M --mode local --json',
    '! accept --mission M --diagnose --json',
    '! upgrade --dry-run --json',
    'accept --mission M --mode checklist --json',
    'agent mission accept --mission M --json',
    'agent context resolve --action implement --mission M --json',
    'agent context resolve --action tasks --mission M --json',
    [
      DECISION,
      'agent decision resolve {decision_id} --mission M --final-answer files --json',
      'agent decision verify --mission M --json',
    ],
    [DECISION, 'agent decision defer {decision_id} --mission M --rationale later --json'],
    [DECISION, 'agent decision cancel {decision_id} --mission M --rationale moot --json'],
    'agent mission branch-context --json',
    'agent mission check-prerequisites --mission M --json',
    'agent mission check-prerequisites --mission M --paths-only --json',
    'agent mission create other-thing --friendly-name Other --purpose-tldr Small --purpose-context Tried --json',
    'agent mission finalize-tasks --mission M --json',
    'agent mission finalize-tasks --mission M --validate-only --json',
    'agent mission record-analysis --mission M --input-file ../analysis.md --json',
    'agent mission setup-plan --mission M --json',
    'agent status doctor --mission M --json',
    'agent status emit WP01 --to claimed --actor ann --mission M --json',
    'agent status emit WP01 --to done --actor ann --mission M --json',
    'agent status lifecycle --mission M --json',
    '! agent status materialize --mission M --json',
    '! agent status validate --mission M --json',
    'agent tasks add-history WP01 --note hello --mission M --json',
    'agent tasks finalize-tasks --mission M --json',
    'agent tasks list-dependents WP01 --mission M --json',
    '! agent tasks list-tasks --mission M --json',
    'agent tasks map-requirements --wp WP01 --refs FR-002 --mission M --json',
    'agent tasks mark-status T011 --status done --mission M --json',
    'agent tasks mark-status T999 --status done --mission M --json',
    '! agent tasks move-task WP01 --to claimed --mission M --json',
    'agent tasks move-task WP01 --to approved --mission M --json',
    'agent tasks validate-workflow WP01 --mission M --json',
    'auth doctor --json',
    'charter context --action implement --json',
    'charter generate --force --json',
    'charter interview --profile minimal --defaults --json',
    'charter preflight --json',
    'charter status --json',
    'charter sync --json',
    'context list --json',
    'dashboard --json',
    'doctor identity --json',
    'doctor mission-state --audit --json',
    'doctor state-roots --json',
    'doctor workspaces --json',
    'implement WP01 --mission M --json',
    'materialize --mission M --json',
    'merge --mission M --dry-run --json',
    'migrate backfill-identity --dry-run --json',
    '! mission list --json',
    'mission-type list --json',
    'mission-type show software-dev --json',
    'next --agent claude --mission M --json',
    'orchestrator-api contract-version',
    '! orchestrator-api list-ready --mission M',
    'orchestrator-api mission-state --mission M',
    `orchestrator-api start-implementation ${API}`,
    `orchestrator-api transition ${API} --to claimed`,
    'orchestrator-api append-history --mission M --wp WP01 --actor orchestrator --note hello',
    'orchestrator-api accept-mission --mission M --actor orchestrator',
    'orchestrator-api merge-mission --mission M',
    'plan --mission M --json',
    'tasks --mission M --json',
    'specify other-thing --json',
    ['# note.txt', 'safe-commit --message note --json -- note.txt'],
    'sync diagnose --json',
    'sync status --json',
    'verify-setup --json',
  ],
  begun: [
    'agent tasks status --mission M --json',
    'agent tasks move-task WP01 --to for_review --mission M --json',
    'agent tasks mark-status T011 --status done --mission M --json',
    'context list --json',
    'context info --workspace M-lane-a --json',
    'doctor workspaces --json',
    'next --agent claude --mission M --json',
    'orchestrator-api mission-state --mission M',
    `orchestrator-api transition ${API} --to for_review --note ready --subtasks-complete --implementation-evidence-present`,
  ],
  'handed-over': [
    'agent tasks status --mission M --json',
    `orchestrator-api start-review ${API} --review-ref r1`,
    'agent tasks move-task WP01 --to approved --note good --mission M --json',
    'next --agent claude --mission M --json',
  ],
  approved: [
    'agent tasks status --mission M --json',
    '! accept --mission M --mode local --lenient --json',
    'accept --mission M --mode local --lenient --no-commit --json',
    '! merge --mission M --dry-run --json',
    'orchestrator-api accept-mission --mission M --actor orchestrator',
    'orchestrator-api mission-state --mission M',
    'next --agent claude --mission M --json',
  ],
  accepted: [
    'orchestrator-api merge-mission --mission M',
    'merge --mission M --dry-run --json',
    'accept --mission M --mode local --lenient --json',
  ],
  merged: [
    'agent tasks status --mission M --json',
    'mission list --json',
    'mission follow-up M --commit HEAD --json',
    'mission reopen M --reason again --json',
    'next --agent claude --mission M --json',
  ],
}

/** All cases, in the order of the states. */
export const CASES: readonly Case[] = STATES.flatMap(at =>
  AT[at].map(line => {
    const words = typeof line === 'string' ? [line] : line
    return words[0]?.startsWith('! ') === true
      ? { at, words: words.map(word => word.replace(/^! /, '')), short: true }
      : { at, words }
  }),
)
