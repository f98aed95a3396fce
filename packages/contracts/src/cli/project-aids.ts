/** `intake`, `research`, `config`, `instructions`, `session-start`, `docs` and `completion` with `--json`. */
import * as v from 'valibot'

export const Intake = v.object({
  /** `shown`: nothing was written. */
  result: v.picklist(['stored', 'shown']),
  /** Relative to the checkout. */
  brief_path: v.string(),
  source_path: v.string(),
  /** The document the brief came from, as it was named; null when nobody knows. */
  source_file: v.nullable(v.string()),
  brief: v.string(),
})
export type Intake = v.InferOutput<typeof Intake>

export const Research = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  /** Absolute. */
  feature_dir: v.string(),
  /** Relative to the mission. */
  created: v.array(v.string()),
  /** Were there and were left alone; `--force` writes them anew. */
  kept: v.array(v.string()),
  committed: v.boolean(),
})
export type Research = v.InferOutput<typeof Research>

export const ProjectConfiguration = v.object({
  /** Absolute. */
  config_path: v.string(),
  exists: v.boolean(),
  settings: v.array(
    v.object({
      key: v.string(),
      value: v.union([v.string(), v.number(), v.boolean(), v.array(v.string()), v.null()]),
      origin: v.picklist(['config', 'default']),
    }),
  ),
})
export type ProjectConfiguration = v.InferOutput<typeof ProjectConfiguration>

export const Instructions = v.object({
  /** Null: the list of topics. */
  topic: v.nullable(v.string()),
  topics: v.array(v.object({ name: v.string(), description: v.string() })),
  text: v.string(),
})
export type Instructions = v.InferOutput<typeof Instructions>

export const SessionStart = v.object({
  /** Empty where there is no Spec Kitty project. */
  text: v.string(),
  missions: v.array(v.string()),
})
export type SessionStart = v.InferOutput<typeof SessionStart>

export const Docs = v.object({
  /** Null: the list of pages. */
  page: v.nullable(v.string()),
  pages: v.array(v.object({ name: v.string(), title: v.string() })),
  /** Markdown. */
  text: v.string(),
})
export type Docs = v.InferOutput<typeof Docs>

const Shell = v.picklist(['bash', 'zsh', 'fish'])

export const Completion = v.union([
  v.object({
    shell: Shell,
    /** To be sourced by the shell. */
    script: v.string(),
  }),
  v.object({
    shell: Shell,
    /** Where it was put. */
    file: v.string(),
    /** The line there; null where the whole file is ours. */
    line: v.nullable(v.string()),
    changed: v.boolean(),
  }),
])
export type Completion = v.InferOutput<typeof Completion>

/** What the hidden `complete` answers: words that may come next. */
export const CompletionCandidates = v.array(v.object({ value: v.string(), description: v.string() }))
