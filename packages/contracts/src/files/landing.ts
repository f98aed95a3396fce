/** `landing` in `meta.json`, and its copy in the git directory: a mission whose code waits on a pull request. */
import * as v from 'valibot'

export const PullRequest = v.object({
  number: v.number(),
  url: v.string(),
  /** As the forge has it, in lower case: `open`, `merged`, `closed`. */
  state: v.string(),
})
export type PullRequest = v.InferOutput<typeof PullRequest>

const Known = {
  /** Its name at the remote. */
  branch: v.string(),
  remote: v.string(),
  /** The commit that was pushed. */
  head: v.string(),
  /** Null where no tool of the forge was there to open one. */
  pr: v.nullable(PullRequest),
  /** When it was pushed first. */
  since: v.string(),
}

/** What readers are told. */
export const Landing = v.object(Known)
export type Landing = v.InferOutput<typeof Landing>

/** What readers are told once the content is on the target. */
export const Landed = v.object({
  target_branch: v.string(),
  how: v.picklist(['squash', 'merge', 'rebase']),
  commit: v.string(),
  /** The command that settles it. */
  settle: v.string(),
})
export type Landed = v.InferOutput<typeof Landed>

export const LandingRecord = v.object({
  ...Known,
  /** The branch that the pull request goes to, and the remote that it lies at. */
  target: v.string(),
  target_remote: v.string(),
  /** Branches of the mission and where they stood when it was pushed. */
  tips: v.record(v.string(), v.string()),
  /** Where the target stood then, there and here: on none of these can it be. */
  targets: v.array(v.string()),
})
export type LandingRecord = v.InferOutput<typeof LandingRecord>
