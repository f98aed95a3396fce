/** A draft as the files and first events of a mission. Pure but for ids and stamps that are handed in. */
import type { DecisionEntry } from '@spec-kitty/contracts/files/decision'
import { type JsonObject, printSorted } from '@spec-kitty/contracts/json'
import { printArtifact } from '../decisions/artifact.ts'
import { artifactPath, indexPath, printIndex } from '../decisions/index-file.ts'
import { newDecision, openedPayload } from '../decisions/open.ts'
import { zulu } from '../decisions/record.ts'
import type { Stamp } from '../repo/log/transition.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { tasksReadme } from '../repo/mission/templates.ts'
import { join } from '../text/paths.ts'
import { slugify } from '../text/slug.ts'
import type { Draft, DraftPackage } from './draft.ts'

/** Absolute path → text. `exists` tells of a path of the repository. */
export function missionFiles(
  mission: Mission,
  draft: Draft,
  exists: (path: string) => boolean,
): readonly (readonly [string, string])[] {
  const paths = missionPaths(mission)
  return [
    [paths.meta, printSorted(mission.meta)],
    [paths.spec, draft.spec],
    ...planOf(mission, draft),
    ...(draft.packages.length === 0 ? [] : [[paths.tasksFile, taskList(draft)] as const]),
    [join(paths.tasksDir, 'README.md'), tasksReadme(mission.targetBranch)],
    ...draft.packages.map(
      item =>
        [
          join(paths.tasksDir, `${item.id}-${slugify(item.title) || 'tasks'}.md`),
          packageFile(item, exists),
        ] as const,
    ),
  ]
}

/** Where there are packages already, a plan must not be asked for any more. */
function planOf(
  mission: Mission,
  { title, tool, plan, packages }: Draft,
): readonly (readonly [string, string])[] {
  if (plan === undefined && packages.length === 0) return []
  const stub = `# Plan: ${title}\n\n## Technical Context\n\nTaken over from ${tool}, which had no ${tool === 'openspec' ? 'design.md' : 'plan.md'}: the work packages say how it is built.\n`
  return [[join(mission.dir, 'plan.md'), plan ?? stub]]
}

function taskList({ title, packages }: Draft): string {
  const sections = packages.map(item => {
    const waits = item.dependencies.length === 0 ? [] : [`Depends on ${item.dependencies.join(', ')}`, '']
    const tasks = item.tasks.map(task => `- [${task.done ? 'x' : ' '}] ${task.id} ${task.text}`)
    return [`## ${item.id} - ${item.title}`, '', ...waits, ...tasks].join('\n')
  })
  return `${[`# Tasks: ${title}`, ...sections].join('\n\n')}\n`
}

const flow = (values: readonly string[]): string => JSON.stringify(values).replaceAll('","', '", "')

function packageFile(item: DraftPackage, exists: (path: string) => boolean): string {
  return `---
work_package_id: ${item.id}
title: ${JSON.stringify(item.title)}
dependencies: ${flow(item.dependencies)}
requirement_refs: ${flow(item.requirements)}
subtasks: ${flow(item.tasks.map(task => task.id))}
owned_files: ${flow(item.owned)}
create_intent: ${flow(item.owned.filter(path => !exists(path)))}
history: []
---

# ${item.id}: ${item.title}

${item.body}

## Activity Log
`
}

/** What the source left open, as decisions that wait for an answer. Two stamps each. */
export function openPoints(mission: Mission, draft: Draft, stamps: readonly Stamp[]) {
  const entries: DecisionEntry[] = []
  const events: JsonObject[] = []
  const files: (readonly [string, string])[] = []
  for (const [index, question] of draft.questions.entries()) {
    const [made, told] = stamps.slice(index * 2)
    if (made === undefined || told === undefined) continue
    const key = {
      input_key: `imported-${index + 1}`,
      mission_id: mission.id,
      mission_slug: mission.slug,
      origin_flow: 'specify',
      slot_key: null,
      step_id: 'import',
    }
    const entry = newDecision(
      key,
      [],
      { actor: 'import', question: question === '' ? 'An open point' : question },
      made,
    )
    entries.push(entry)
    files.push([
      artifactPath(mission, entry.decision_id),
      printArtifact(entry, undefined, `- \`${zulu(told.at)}\` — opened`),
    ])
    const payload = openedPayload(mission, entry, made)
    events.push({ at: told.at, event_id: told.id, event_type: 'DecisionPointOpened', payload })
  }
  if (entries.length > 0)
    files.push([indexPath(mission), printIndex({ version: 1, mission_id: mission.id, entries })])
  return { files, events }
}
