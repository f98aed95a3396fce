/** `promote`: a quick mission becomes a full one; its log, its branch and its work stay (ADR 0025). */
import type { Promote } from '@spec-kitty/contracts/cli/quick'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Mission } from '../repo/mission/handle.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { isQuick } from '../repo/mission/types.ts'
import { isMerged } from '../repo/summary.ts'
import { readWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import { rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'

export interface PromoteInput {
  readonly mission?: string | undefined
  readonly autoCommit?: boolean | undefined
}

/** Throws `invalid_input` for a mission that is not quick, or is merged already; never overwrites a document. */
export async function promote(ports: Ports, input: PromoteInput): Promise<Promote> {
  return write(ports, input, async ({ mission }) => {
    requireOpenQuick(mission)
    const { found } = await readWorkPackages(ports, mission)
    const { spec, tasksFile } = missionPaths(mission)
    const absent = (
      [
        [spec, specText(mission)],
        [tasksFile, tasksText(mission, found)],
      ] as const
    ).filter(([path]) => ports.files.stat(path) === undefined)
    return {
      files: [
        ...editMeta(ports, mission, { mission_type: 'software-dev', promoted_at: ports.clock.now() }),
        ...absent.flatMap(([path, content]) => rewrite(path, undefined, content)),
      ],
      phase: true,
      message: `Promote ${mission.slug} to a full mission`,
      answer: answerOf(
        mission,
        absent.map(([path]) => path),
      ),
    }
  })
}

function requireOpenQuick(mission: Mission): void {
  if (!isQuick(mission)) {
    throw new KittyError('invalid_input', `Mission '${mission.slug}' is a full mission already`, {
      hint: sh`See what comes next: spec-kitty next --mission ${mission.slug}`,
    })
  }
  if (!isMerged(mission)) return
  throw new KittyError('invalid_input', `Mission '${mission.slug}' is merged already`, {
    hint: sh`Make another one: spec-kitty agent mission create NAME`,
  })
}

function answerOf(mission: Mission, created: string[]): Promote {
  const { slug, rel } = mission
  return {
    result: 'success',
    mission_slug: slug,
    mission_type: 'software-dev',
    created_files: created,
    next: [
      `Complete ${rel}/spec.md and commit it`,
      sh`spec-kitty agent mission setup-plan --mission ${slug}`,
      `Complete ${rel}/plan.md, add work packages to ${rel}/tasks.md and ${rel}/tasks/`,
      sh`spec-kitty agent mission finalize-tasks --mission ${slug}`,
    ],
  }
}

/** What was asked for becomes the first requirement. */
function specText({ meta }: Mission): string {
  const title = String(meta.friendly_name)
  return `# ${title}

## Requirements

### Functional

| ID | Title | Requirement | Priority | Status |
|---|---|---|---|---|
| FR-001 | ${cell(title)} | ${cell(title)} | High | proposed |
`
}

function tasksText({ meta }: Mission, packages: readonly WorkPackage[]): string {
  const sections = packages.map(
    wp => `## ${wp.id} - ${wp.title}\n\nDependencies: none\nRequirements: FR-001\n`,
  )
  return `# Tasks: ${String(meta.friendly_name)}\n\n${sections.join('\n')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
