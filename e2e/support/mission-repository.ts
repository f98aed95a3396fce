/** A throw-away repository with one minimal mission, and the Python edition to compare with. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages } from './published.ts'
import { createRepository, type Repository } from './repository.ts'

const MISSION_ID = '01KQW4DF0000000000000000A1'
export const SLUG = `demo-feature-${MISSION_ID.slice(0, 8)}`

/** What the Python edition 3.2.0 starts with: with newer releases of typer and click it does not. */
const PYTHON_EDITION = ['spec-kitty-cli==3.2.0', 'typer==0.24.1', 'click==8.3.3']

/** The Python edition 3.2.0, named by SK_PY or installed from PyPI; and why it is not used. */
export function pythonEdition(): { readonly program: string | undefined; readonly reason: string } {
  const named = process.env.SK_PY
  if (named !== undefined) {
    const usable = existsSync(named)
    return { program: usable ? named : undefined, reason: usable ? '' : `SK_PY: no such program: ${named}` }
  }
  const { directory, reason } = publishedPackages('python-edition-3.2.0', PYTHON_EDITION)
  return { program: directory === undefined ? undefined : join(directory, 'bin', 'spec-kitty'), reason }
}

export interface Row {
  readonly event_id: string
  readonly wp_id: string
  readonly from_lane: string
  readonly to_lane: string
}

export interface MissionRepository extends Repository {
  /** Absolute path of a file of the mission. */
  readonly file: (name: string) => string
  /** The rows of the log; throws when a line is not JSON. */
  readonly rows: () => readonly Row[]
}

/** Work packages are planned, everything is committed on branch `work`. */
export function createMissionRepository(wps: readonly string[]): MissionRepository {
  const repository = createRepository(missionFiles(wps))
  const file = (name: string): string => join(repository.root, 'kitty-specs', SLUG, name)
  return {
    ...repository,
    file,
    rows: () => {
      const lines = readFileSync(file('status.events.jsonl'), 'utf8').split('\n')
      return lines.filter(line => line !== '').map(line => JSON.parse(line) as Row)
    },
  }
}

function missionFiles(wps: readonly string[]): readonly (readonly [string, string])[] {
  const home = `kitty-specs/${SLUG}`
  const meta = {
    created_at: '2026-01-01T00:00:00+00:00',
    friendly_name: 'Demo feature',
    mission_id: MISSION_ID,
    mission_number: null,
    mission_slug: SLUG,
    mission_type: 'software-dev',
    slug: SLUG,
    target_branch: 'work',
  }
  return [
    ['.kittify/config.yaml', 'agents:\n  available:\n  - claude\n  auto_commit: true\n'],
    [
      '.kittify/metadata.yaml',
      "spec_kitty:\n  version: 3.2.0\n  schema_version: 3\n  initialized_at: '2026-01-01T00:00:00+00:00'\n",
    ],
    [`${home}/meta.json`, `${JSON.stringify(meta, null, 2)}\n`],
    [`${home}/spec.md`, '# Spec\n\n- **FR-001**: one\n'],
    [`${home}/plan.md`, '# Plan\n'],
    [
      `${home}/tasks.md`,
      `# Tasks\n\n${wps.map(wp => `## Work Package ${wp}: ${wp}\n\n- [ ] T${wp.slice(2)}1 one\n`).join('\n')}`,
    ],
    ...wps.map(wp => [`${home}/tasks/${wp}-demo.md`, workPackage(wp)] as const),
    [`${home}/status.events.jsonl`, wps.map((wp, i) => `${plannedLine(wp, i)}\n`).join('')],
  ]
}

function workPackage(wp: string): string {
  return `---\nwork_package_id: ${wp}\ntitle: Title ${wp}\ndependencies: []\nsubtasks: []\nexecution_mode: code_change\nowned_files:\n- src/${wp}/**\nhistory: []\n---\n\n# ${wp}\n\n## Activity Log\n`
}

/** As the Python edition writes it: sorted keys, blanks after separators. */
function plannedLine(wp: string, index: number): string {
  const at = `2026-01-01T00:00:${String(index).padStart(2, '0')}.000000+00:00`
  const id = `01KQW4DG${String(index).padStart(18, '0')}`
  return `{"actor": "finalize-tasks", "at": "${at}", "event_id": "${id}", "evidence": null, "execution_mode": "worktree", "force": false, "from_lane": "genesis", "mission_id": "${MISSION_ID}", "mission_slug": "${SLUG}", "policy_metadata": null, "reason": "canonical bootstrap", "review_ref": null, "to_lane": "planned", "wp_id": "${wp}"}`
}
