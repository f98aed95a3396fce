/** What an import makes of one specification of another tool, before it is a mission. Pure data. */

export type Tool = 'spec-kit' | 'openspec'

/** One piece of the source and what became of it; `became` null: nothing, and `note` says why. */
export interface Row {
  /** Path below the source, with `/`. */
  readonly source: string
  readonly line: number | null
  readonly what: string
  readonly became: string | null
  readonly note?: string
}

export interface DraftTask {
  readonly id: string
  readonly text: string
  readonly done: boolean
}

export interface DraftPackage {
  readonly id: string
  readonly title: string
  readonly dependencies: readonly string[]
  readonly tasks: readonly DraftTask[]
  readonly owned: readonly string[]
  readonly requirements: readonly string[]
  /** The section of the source, tasks without their boxes, everything else word for word. */
  readonly body: string
}

/** A file that is taken over byte for byte. */
export interface Copy {
  /** Absolute. */
  readonly from: string
  /** Below the mission. */
  readonly to: string
}

export interface Draft {
  readonly tool: Tool
  /** Absolute directory of the source. */
  readonly directory: string
  readonly slug: string
  readonly title: string
  readonly tldr: string
  /** Text, or a copy that brings the file. */
  readonly spec: string
  readonly plan: string | undefined
  readonly copies: readonly Copy[]
  readonly packages: readonly DraftPackage[]
  /** Points the source left open. */
  readonly questions: readonly string[]
  readonly rows: readonly Row[]
  readonly warnings: readonly string[]
}
