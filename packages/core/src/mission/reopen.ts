/** After the merge: open a mission again, or note what followed it (docs/log.md). */
import type { MissionFollowUp, MissionReopen } from '@spec-kitty/contracts/cli/mission-summary'
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha } from '@spec-kitty/contracts/ids'
import { isObject } from '@spec-kitty/contracts/json'
import { isTerminal } from '@spec-kitty/contracts/lanes'
import { listed, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { drawStamps, type StatusFacts } from '../repo/log/emit.ts'
import { lifecycleRow, missionFact } from '../repo/log/lifecycle-rows.ts'
import { type LogText, scanLog } from '../repo/log/log.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { landsByForge } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { isMerged } from '../repo/summary.ts'
import type { Ports } from '../world/ports.ts'
import { type Scene, write } from '../write/write.ts'

interface Common {
  readonly handle: string
  readonly autoCommit?: boolean | undefined
}

/** The keys by which meta.json says that a mission is over. */
function isClosingKey(key: string): boolean {
  return key === 'baseline_merge_commit' || /^(?:merged|merge|closed)_/.test(key)
}

/**
 * Takes back that a mission is merged or closed; lanes stay where they are. Throws `invalid_input` without a reason,
 * `not_ready` for a mission that is not over.
 */
export async function reopenMission(
  ports: Ports,
  input: Common & { readonly reason: string },
): Promise<MissionReopen> {
  const reason = input.reason.trim()
  if (reason === '')
    throw new KittyError('invalid_input', 'A mission is not opened again without a reason', {
      hint: sh`--reason "…"`,
    })
  const reopened = write<MissionReopen>(ports, { ...input, mission: input.handle }, async scene => {
    const { project, mission } = scene
    const facts = await scene.status()
    requireOver(facts, 'is still open')
    const [stamp] = drawStamps(ports, facts, 1)
    const closing = Object.keys(mission.meta).filter(isClosingKey)
    const payload = {
      mission_id: mission.id,
      mission_slug: mission.slug,
      reason,
      reopened_by: await actor(ports, project),
      reopened_at: stamp.at,
      cleared_merge: closing.length > 0,
    }
    const draft = missionFact(mission.id ?? mission.slug, 'MissionReopened', () => payload)
    return {
      files: editMeta(ports, mission, {
        ...Object.fromEntries(closing.map(key => [key, undefined])),
        home_branch: newHome(ports, scene),
      }),
      events: [lifecycleRow(draft, stamp)],
      message: `Reopen ${mission.slug}`,
      answer: {
        result: 'success',
        ...payload,
        event_id: stamp.id,
        next_step: nextStep(facts, reason),
      },
    }
  })
  return reopened.catch(error => {
    throw elsewhere(error, input.handle, reason)
  })
}

/** The branch at hand, for a mission whose target the forge alone changes: its old home may be gone. */
function newHome(ports: Ports, { project, mission, config }: Scene): string | undefined {
  const { branch } = ports.git.head(project.top)
  const beside = branch !== null && branch !== mission.targetBranch && landsByForge(ports, config, mission)
  return beside ? branch : undefined
}

/** On a branch that takes no commits the rework gets one of its own. */
function elsewhere(error: unknown, handle: string, reason: string): unknown {
  if (!(error instanceof KittyError) || error.code !== 'protected_branch') return error
  return new KittyError(error.code, error.message, {
    hint: sh`git switch -c ${`reopen-${handle}`} && spec-kitty mission reopen ${handle} --reason ${reason}`,
  })
}

/** What is done is sent back with the reason as feedback; what a discarded mission left open shows on the board. */
function nextStep({ mission, reduction }: StatusFacts, reason: string): Remedy {
  const lanes = [...reduction.workPackages].map(([id, state]) => [id, state.lane] as const)
  const [first] = lanes.filter(([, lane]) => lane === 'done').map(([id]) => id)
  if (first === undefined || lanes.some(([, lane]) => !isTerminal(lane)))
    return sh`See what is left: spec-kitty agent tasks status --mission ${mission.slug}`
  const feedback = sh`F=$(mktemp) && printf '%s\\n' ${reason} > "$F"`
  const back = sh`spec-kitty agent tasks move-task ${first} --to planned --force --note ${reason} --review-feedback-file "$F" --mission ${mission.slug}`
  return sh`Send back what is to be worked on again, such as ${first}: ${part(feedback)} && ${part(back)}`
}

/**
 * Notes a commit or pull request that came after a mission that is over. The same one twice is fine. Throws
 * `invalid_input` unless exactly one of both is given, `not_ready` for a mission that is not over.
 */
export async function recordFollowUp(
  ports: Ports,
  input: Common & { readonly commit?: string | undefined; readonly pr?: number | undefined },
): Promise<MissionFollowUp> {
  const request = { ...input, mission: input.handle }
  const written = write<MissionFollowUp>(ports, request, async ({ project, mission, status }) => {
    const reference = readReference(input)
    const facts = await status()
    requireOver(facts, 'is not finished: a follow-up belongs to a finished mission')
    const answer = {
      result: 'success' as const,
      mission_slug: mission.slug,
      mission_id: mission.id,
      ...reference,
    }
    if (isRecorded(facts.log.text, reference)) return { answer: { ...answer, recorded: false } }
    const [stamp] = drawStamps(ports, facts, 1)
    const by = await actor(ports, project)
    const draft = missionFact(mission.id ?? mission.slug, 'FollowUpRecorded', ({ at }) => ({
      mission_id: mission.id,
      mission_slug: mission.slug,
      ...reference,
      recorded_by: by,
      recorded_at: at,
    }))
    return {
      events: [lifecycleRow(draft, stamp)],
      phase: true,
      message: `Record follow-up of ${mission.slug}`,
      answer: { ...answer, recorded: true },
    }
  })
  return written.catch(error => {
    throw uncommitted(error, input)
  })
}

/** The mission is where nobody commits directly: the note is written all the same, and lands with the next change. */
function uncommitted(error: unknown, { handle, commit, pr }: Parameters<typeof recordFollowUp>[1]): unknown {
  if (!(error instanceof KittyError) || error.code !== 'protected_branch') return error
  const what = pr === undefined ? ['--commit', commit ?? ''] : ['--pr', String(pr)]
  return new KittyError(error.code, error.message, {
    hint: sh`Write it without a commit, and land it with the next change: spec-kitty mission follow-up ${handle} ${what} --no-auto-commit`,
  })
}

async function actor(ports: Pick<Ports, 'git'>, project: Project): Promise<string> {
  const [name] = await ports.git.config(project.top, ['user.name'])
  return name ?? 'user'
}

function requireOver({ mission, reduction }: Pick<StatusFacts, 'mission' | 'reduction'>, what: string): void {
  const states = [...reduction.workPackages]
  const open = states.filter(([, state]) => !isTerminal(state.lane)).map(([id]) => id)
  if (isOver(mission) || (states.length > 0 && open.length === 0)) return
  throw new KittyError('not_ready', `Mission ${mission.slug} ${what}`, {
    hint: open.length > 0 ? sh`Open work packages: ${listed(open)}` : sh`It has no work packages yet`,
    data: { mission_slug: mission.slug, open_wps: open },
  })
}

function isOver(mission: Mission): boolean {
  return isMerged(mission) || typeof mission.meta.closed_at === 'string'
}

interface Reference {
  readonly follow_up_type: 'commit' | 'pr'
  readonly commit_sha: string | null
  readonly pr_number: number | null
}

function readReference({ handle, commit, pr }: Parameters<typeof recordFollowUp>[1]): Reference {
  const given = [commit, pr].filter(value => value !== undefined)
  if (given.length !== 1 || pr === 0) {
    throw new KittyError(
      'invalid_input',
      'Give either --commit with a full commit id or --pr with a number',
      {
        hint: sh`spec-kitty mission follow-up ${handle} --pr 12`,
      },
    )
  }
  if (commit === undefined) return { follow_up_type: 'pr', commit_sha: null, pr_number: pr ?? null }
  const sha = parseSha(commit.toLowerCase())
  if (sha !== undefined) return { follow_up_type: 'commit', commit_sha: sha, pr_number: null }
  throw new KittyError('invalid_input', `'${commit}' is not a full commit id`, {
    hint: sh`git rev-parse ${commit}`,
  })
}

function isRecorded(log: LogText, { commit_sha: sha, pr_number: pr }: Reference): boolean {
  for (const row of scanLog(log)) {
    if (
      row.kind !== 'lifecycle' ||
      row.value.event_type !== 'FollowUpRecorded' ||
      !isObject(row.value.payload)
    )
      continue
    const { commit_sha: knownSha, pr_number: knownPr } = row.value.payload
    if ((sha !== null && knownSha === sha) || (pr !== null && knownPr === pr)) return true
  }
  return false
}
