/**
 * `analysis-report.md`: what an agent found when it read specification, plan and tasks side by side, with the state of
 * its inputs (docs/missions.md). Advice, never a gate.
 */
import type { RecordAnalysis } from '@spec-kitty/contracts/cli/record-analysis'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { join, relativeTo, resolvePath } from '../text/paths.ts'
import { sha256 } from '../text/sha256.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'

export interface AnalysisInput {
  readonly mission?: string | undefined
  /** Path of the report, relative to the current directory. */
  readonly inputFile?: string | undefined
  /** Or the report. */
  readonly body?: string | undefined
  readonly agent?: string | undefined
  readonly autoCommit?: boolean | undefined
}

type Result = Omit<RecordAnalysis, 'spec_kitty_version'>
type Artifacts = Result['input_artifacts']

/** Files the report under the mission and commits it. Throws `invalid_input` for a report that is absent or empty. */
export async function recordAnalysis(ports: Ports, input: AnalysisInput): Promise<Result> {
  return write<Result>(ports, input, ({ project, mission }) => {
    const body = input.body ?? readReport(ports, input.inputFile ?? '')
    const path = join(mission.dir, 'analysis-report.md')
    const report = { ...describe(ports, project, mission, body), generated_at: ports.clock.now() }
    const content = `${frontMatter(report, mission, input.agent ?? 'unknown', report.generated_at)}\n${body}`
    return {
      files: [{ kind: 'write_file', path, content }],
      message: `Record analysis for feature ${mission.slug}`,
      answer: { ...report, path, commit_created: false },
      committed: () => ({ ...report, path, commit_created: true }),
    }
  })
}

function readReport(ports: Pick<Ports, 'env' | 'files'>, file: string): string {
  const path = resolvePath(ports.env.cwd, file)
  const text = ports.files.text(path)
  if (text !== undefined && text.trim() !== '') return text
  throw new KittyError(
    'invalid_input',
    `The report ${path} is ${text === undefined ? 'not there' : 'empty'}`,
    {
      hint: sh`Write the report to a file and name it with --input-file`,
      data: { path },
    },
  )
}

/** The word after `Verdict:` in a report, else `unknown`. */
export function verdictOf(body: string): string {
  return /^[^\w\r\n\u2028\u2029]*verdict[^\w\r\n:]*:\W*([\w-]+)/im.exec(body)?.[1]?.toLowerCase() ?? 'unknown'
}

function describe(
  ports: Pick<Ports, 'files'>,
  project: Project,
  mission: Mission,
  body: string,
): Omit<Result, 'path' | 'commit_created' | 'generated_at'> {
  const verdict = verdictOf(body)
  const count = (word: string): number | null => {
    const match = new RegExp(
      `^[^\\w\\r\\n\u2028\u2029]*${word}(?: issues| findings)?[^\\w\\r\\n:|]*[:|]\\W*(\\d+)\\b`,
      'im',
    ).exec(body)
    return match === null ? null : Number(match[1])
  }
  return {
    success: true,
    result: 'success',
    mission_slug: mission.slug,
    mission_id: mission.id,
    input_artifacts: artifacts(ports, project, mission),
    verdict,
    issue_counts: {
      critical: count('critical'),
      high: count('high'),
      medium: count('medium'),
      low: count('low'),
      info: count('info'),
    },
    findings: [],
    stale: false,
  }
}

function artifacts(ports: Pick<Ports, 'files'>, project: Project, mission: Mission): Artifacts {
  const describeFile = (path: string): Artifacts['spec.md'] => {
    const text = ports.files.text(path)
    if (text === undefined) return { path: null, sha256: null }
    // Ticking a subtask changes tasks.md but not what was analysed.
    const content = path.endsWith('/tasks.md') ? text.replace(/\[[xX]\]/g, '[ ]') : text
    return { path: relativeTo(project.root, path), sha256: sha256(content) }
  }
  return {
    'spec.md': describeFile(join(mission.dir, 'spec.md')),
    'plan.md': describeFile(join(mission.dir, 'plan.md')),
    'tasks.md': describeFile(join(mission.dir, 'tasks.md')),
    charter: describeFile(join(project.root, '.kittify/charter/charter.md')),
  }
}

/** As the Python edition writes it, but with paths that mean the same on every machine. */
function frontMatter(
  report: Pick<Result, 'input_artifacts' | 'verdict' | 'issue_counts'>,
  mission: Mission,
  agent: string,
  at: string,
): string {
  const value = (item: string | number | null): string => (item === null ? '' : ` ${item}`)
  const inputs = Object.entries(report.input_artifacts).flatMap(([name, item]) => [
    `  ${name}:`,
    `    path:${value(item.path)}`,
    `    sha256:${value(item.sha256)}`,
  ])
  const counts = Object.entries(report.issue_counts).map(([name, item]) => `  ${name}:${value(item)}`)
  return [
    '---',
    'schema_version: 1',
    'artifact_type: spec-kitty.analysis-report',
    'command: /spec-kitty.analyze',
    `mission_slug: ${mission.slug}`,
    `mission_id:${value(mission.id)}`,
    `generated_at: '${at}'`,
    `analyzer_agent: ${JSON.stringify(agent)}`,
    'input_artifacts:',
    ...inputs,
    `verdict: ${report.verdict}`,
    'issue_counts:',
    ...counts,
    'findings: []',
    '---',
    '',
  ].join('\n')
}
