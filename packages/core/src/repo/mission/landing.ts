/**
 * A mission that waits on its pull request. `landing` in meta.json tells everybody who has the mission's home branch; a
 * copy in the git directory tells this repository, also from a checkout that has the target already.
 */
import type { Landing, LandingRecord, PullRequest } from '@spec-kitty/contracts/files/landing'
import { parseSha } from '@spec-kitty/contracts/ids'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseObject,
  printSorted,
} from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { isBranchName } from '../../text/branch-name.ts'
import { join } from '../../text/paths.ts'
import type { Change } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import type { Project } from '../project/locate.ts'
import { listMissions, type Mission } from './handle.ts'

type Where = Pick<Project, 'commonDir'>

/** How a mission lands beside a target that takes no commits, where nobody can make a pull request. `from`: the target. */
export function besideTarget({ slug }: Pick<Mission, 'slug'>, from: string): Remedy {
  const name = `integrate-${slug}`
  return sh`git branch ${name} ${from} && spec-kitty merge --target ${name} --mission ${slug}`
}

/** The branch of a mission's pull request. */
export function landingBranch({ slug }: Pick<Mission, 'slug'>): string {
  return `kitty/pr/${slug}`
}

/** Commits of the mission that were pushed, or were about to be: references below it, each named after its commit. */
export function landingShelf({ slug }: Pick<Mission, 'slug'>): string {
  return `refs/kitty/landing/${slug}/`
}

/** The folder of what this repository remembers of its landings. */
export function landingFolder(project: Where): string {
  return join(project.commonDir, 'spec-kitty-landing')
}

/** The record as meta.json has it, else as this repository remembers it; one that cannot be read is none. */
export function landingRecord(
  ports: Pick<Ports, 'files'>,
  project: Where,
  { slug, meta }: Pick<Mission, 'slug' | 'meta'>,
): LandingRecord | undefined {
  const kept = () => parseObject(ports.files.text(recordPath(project, slug)) ?? '')
  return readRecord(meta.landing) ?? readRecord(kept())
}

/** Missions of this checkout that wait on a pull request, or have landed by one and are not settled in this repository. */
export function openLandings(ports: Pick<Ports, 'env' | 'files'>, project: Project): readonly Mission[] {
  return listMissions(ports, project).filter(mission => landingRecord(ports, project, mission) !== undefined)
}

/** Where the content of a landing can arrive: the target there, as of the last fetch, and here. */
export function targetRefs({
  target,
  target_remote: remote,
}: Pick<LandingRecord, 'target' | 'target_remote'>): readonly string[] {
  return [`refs/remotes/${remote}/${target}`, `refs/heads/${target}`]
}

/** What readers are told: nothing once the checkout has all of it. */
export function landingOf({ meta }: Pick<Mission, 'meta'>): Landing | null {
  const record = readRecord(meta.landing)
  if (record === undefined) return null
  const { branch, remote, head, pr, since } = record
  return { branch, remote, head, pr, since }
}

/** The change that remembers a landing in this repository, or forgets it. */
export function rememberLanding(project: Where, slug: string, record: LandingRecord | undefined): Change {
  const path = recordPath(project, slug)
  return record === undefined
    ? { kind: 'delete_file', path }
    : { kind: 'write_file', path, content: printSorted(record) }
}

function recordPath(project: Where, slug: string): string {
  return join(landingFolder(project), `${slug}.json`)
}

/** Names and ids go into commands: what is none of them, no record has. */
function readRecord(value: Json | undefined): LandingRecord | undefined {
  if (!isObject(value) || !isObject(value.tips)) return undefined
  const { branch, remote, target, since } = value
  const head = shaIn(value.head)
  const targetRemote = value.target_remote ?? remote
  if (!isName(branch) || !isName(remote) || !isName(target) || !isName(targetRemote)) return undefined
  if (head === undefined || typeof since !== 'string') return undefined
  const tips = Object.entries(value.tips).flatMap(([name, tip]): [string, string][] => {
    const sha = shaIn(tip)
    // What was pushed goes when it has landed: a record that came with a clone names no branch of the user's.
    return sha !== undefined && isBranchName(name) && name.startsWith('kitty/mission-') ? [[name, sha]] : []
  })
  const pr = isObject(value.pr) ? readPullRequest(value.pr) : null
  return {
    branch,
    remote,
    head,
    pr,
    since,
    target,
    target_remote: targetRemote,
    tips: Object.fromEntries(tips),
    targets: isArray(value.targets) ? value.targets.flatMap(tip => shaIn(tip) ?? []) : [],
  }
}

/** A pull request as a tool of a forge or a record tells it; null where something is missing. */
export function readPullRequest({ number, url, state }: JsonObject): PullRequest | null {
  if (typeof number !== 'number' || typeof url !== 'string' || !/^https?:\/\//.test(url)) return null
  return { number, url, state: typeof state === 'string' ? state.toLowerCase() : 'open' }
}

function isName(value: Json | undefined): value is string {
  return typeof value === 'string' && isBranchName(value)
}

function shaIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? parseSha(value) : undefined
}
