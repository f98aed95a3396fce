/** The four kinds of mission, as data: their phases, their artefacts, and the steps that `next` walks (docs/missions.md). */

/** Where the sources of a research are listed: the mission's own file, or the one that `spec-kitty research` lays out. */
export const SOURCE_REGISTER = 'source-register.csv'
export const RESEARCH_SOURCE_REGISTER = `research/${SOURCE_REGISTER}`

export interface MissionStep {
  readonly id: string
  /** What an agent is asked to do, for people and for command files. */
  readonly title: string
  /** File or folder of the mission that shows that the step was done; `docs/` and the like are folders of the project. */
  readonly artefact?: string
  /** `board`: the step is done when every work package has come that far. */
  readonly board?: 'tasks' | 'implemented' | 'reviewed' | 'accepted'
  /** What a type of the project's own says about the step: words, or a file of its folder. */
  readonly prompt?: string
}

export interface MissionType {
  readonly id: string
  readonly display_name: string
  readonly description: string
  readonly action_sequence: readonly string[]
  readonly governance_refs: readonly string[]
  readonly template_set: { readonly spec: string; readonly plan: string } | null
  readonly source_layer: 'built-in' | 'project'
  readonly extends: null
  readonly steps: readonly MissionStep[]
}

const BUILT_IN = { source_layer: 'built-in', extends: null } as const
const ACCEPT: MissionStep = {
  id: 'accept',
  title: 'Check that everything is ready, accept and merge',
  board: 'accepted',
}
/** The end of every mission whose outcome is documents. */
export const CLOSE: MissionStep = {
  ...ACCEPT,
  title: 'Check that everything is written, and close the mission',
}
const IMPLEMENT: MissionStep = { id: 'implement', title: 'Build the work packages', board: 'implemented' }
const REVIEW: MissionStep = { id: 'review', title: 'Review the work packages', board: 'reviewed' }

/** Sorted by id. */
export const MISSION_TYPES: readonly MissionType[] = [
  {
    id: 'documentation',
    display_name: 'Documentation',
    description: 'Find the gaps in a documentation, write what is missing, publish it',
    action_sequence: ['discover', 'audit', 'design', 'generate', 'validate', 'publish', 'accept'],
    governance_refs: [],
    template_set: null,
    ...BUILT_IN,
    steps: [
      { id: 'discover', title: 'Describe readers, scope and goals', artefact: 'spec.md' },
      { id: 'audit', title: 'List what is there and what is missing', artefact: 'gap-analysis.md' },
      { id: 'design', title: 'Plan structure and order of the pages', artefact: 'plan.md' },
      { id: 'generate', title: 'Write the pages under docs/', artefact: '/docs' },
      { id: 'validate', title: 'Check links, examples and facts', artefact: 'audit-report.md' },
      { id: 'publish', title: 'Publish and note where', artefact: 'release.md' },
      CLOSE,
    ],
  },
  {
    id: 'plan',
    display_name: 'Plan',
    description: 'Think a subject through to a plan, without building it',
    action_sequence: ['specify', 'research', 'plan', 'review'],
    governance_refs: [],
    template_set: null,
    ...BUILT_IN,
    steps: [
      { id: 'specify', title: 'Describe what is to be planned, and why', artefact: 'spec.md' },
      { id: 'research', title: 'Find out what the plan must know', artefact: 'research.md' },
      { id: 'plan', title: 'Write the plan', artefact: 'plan.md' },
      { id: 'review', title: 'Have the plan reviewed and note the outcome', artefact: 'review.md' },
      CLOSE,
    ],
  },
  {
    id: 'research',
    display_name: 'Research',
    description: 'Answer a question from sources that are registered and judged',
    action_sequence: ['scoping', 'methodology', 'gathering', 'synthesis', 'output'],
    governance_refs: [],
    template_set: null,
    ...BUILT_IN,
    steps: [
      { id: 'scoping', title: 'State the question and its limits', artefact: 'spec.md' },
      { id: 'methodology', title: 'Plan how to search and how to judge', artefact: 'plan.md' },
      {
        id: 'gathering',
        title: 'Gather sources and register at least three',
        artefact: SOURCE_REGISTER,
      },
      { id: 'synthesis', title: 'Bring the findings together', artefact: 'findings.md' },
      { id: 'output', title: 'Write the report', artefact: 'report.md' },
      CLOSE,
    ],
  },
  {
    id: 'software-dev',
    display_name: 'Software Development',
    description: 'Specify, plan and build software in reviewed work packages',
    action_sequence: ['specify', 'plan', 'tasks', 'implement', 'review'],
    governance_refs: ['DIR-010', 'DIR-011'],
    template_set: { spec: 'spec-template.md', plan: 'plan-template.md' },
    ...BUILT_IN,
    steps: [
      { id: 'discovery', title: 'Talk the idea through with the person who wants it' },
      { id: 'specify', title: 'Write the specification', artefact: 'spec.md' },
      { id: 'plan', title: 'Write the implementation plan', artefact: 'plan.md' },
      { id: 'tasks', title: 'Cut the plan into work packages', board: 'tasks' },
      IMPLEMENT,
      REVIEW,
      ACCEPT,
    ],
  },
]

export function findMissionType(id: string): MissionType | undefined {
  return MISSION_TYPES.find(type => type.id === id)
}

/** A mission without ceremony (ADR 0025): made by `quick` only, and no type to choose, so it is not listed. */
export const QUICK_TYPE = 'quick'

/** One file says what is wanted: there are no spec, plan and tasks to ask for. */
export function isQuick({ type }: { readonly type: string }): boolean {
  return type === QUICK_TYPE
}
