/** Our files in the project, for the agents that are configured: there, current, whole. */

import { unlessRefusedLater } from '@spec-kitty/contracts/errors'
import { parseJson } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { type Program, readAgentFacts } from '../project/agent-config/facts.ts'
import { planFiles } from '../project/agent-config/plan.ts'
import { readSettings } from '../project/agent-config/settings.ts'
import { byChanges, type Finding, finding, type Mend, mendable, restorable } from '../repo/finding.ts'
import { locateProject } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import { written } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'

const WORDS = {
  created: ['file_missing', 'warning', 'is missing'],
  updated: ['file_outdated', 'info', 'is of another version of this program'],
  deleted: ['file_outdated', 'info', 'is where the agent does not look any more'],
} as const

/** No git process. Says nothing about a configuration that cannot be read: `setup` does. */
export async function fileFindings(ports: Ports, program: Program): Promise<readonly Finding[]> {
  const project = locateProject(ports)
  const known = await unlessRefusedLater(
    () => readSettings(ports, project),
    () => undefined,
  )
  if (known === undefined) return []
  const facts = await readAgentFacts(ports, program)
  const { agents } = facts.settings
  const { changes, files } = planFiles(facts, agents, [])
  const commit = written(changes)
  const mend = byChanges(changes, 'Brought the files of agents up to date', commit)
  // Without a manifest nothing here was ever written by this edition: one remedy, so one finding.
  if (facts.manifestText === undefined && files.some(({ action }) => action === 'created'))
    return [
      setUpElsewhere(
        agents.map(agent => agent.name),
        mend,
      ),
    ]
  const links = facts.brokenLinks.map(path => brokenLink(path, mend))
  const others = files.flatMap(({ path, action }): Finding[] => {
    if (links.some(link => link.path === path)) return []
    if (action !== 'kept') {
      const [code, severity, what] = WORDS[action]
      return [mendable({ code, severity, path, message: `${path} ${what}` }, mend)]
    }
    const message = `${path} is not ours any more: somebody edited it`
    const fix = sh`To have ours again: git rm ${path}, then: spec-kitty agent config sync`
    return [finding({ code: 'file_edited', severity: 'info', path, message }, fix)]
  })
  return [...links, ...others]
}

function setUpElsewhere(agents: readonly string[], mend: Mend): Finding {
  const message = `Another edition set this project up: the commands and skills of this one for ${agents.join(', ')} are not there`
  return mendable({ code: 'set_up_elsewhere', severity: 'info', path: '.kittify', message }, mend)
}

function brokenLink(path: string, mend: Mend): Finding {
  const message = `${path} is a link that leads nowhere, left by the Python edition on another machine`
  return mendable({ code: 'link_broken', severity: 'warning', path, message }, mend)
}

/** What this edition once wrote about its files, and nobody can read any more. */
export function manifestFinding(ports: Pick<Ports, 'files'>, root: string): readonly Finding[] {
  const path = '.kittify/manifest.json'
  const file = join(root, path)
  const text = ports.files.text(file)
  if (text === undefined) return []
  try {
    parseJson(text)
    return []
  } catch {
    const message = `${path} cannot be read: nothing counts as ours any more`
    return [
      restorable(
        { code: 'manifest_malformed', severity: 'error', path, message },
        { path: file, read: parseJson, otherwise: sh`mv ${file} ${`${file}.broken`}` },
      ),
    ]
  }
}
