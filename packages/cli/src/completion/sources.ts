/** Values that only the project knows. Trouble of any kind means no candidates: a shell must never see an error. */
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { AGENTS } from '@spec-kitty/core/project/agents'
import { instructionsOn } from '@spec-kitty/core/project/instructions'
import { listMissions, resolveMission } from '@spec-kitty/core/repo/mission/handle'
import { MISSION_TYPES } from '@spec-kitty/core/repo/mission/types'
import { locateProject } from '@spec-kitty/core/repo/project/locate'
import { readWorkPackages } from '@spec-kitty/core/repo/tasks/work-package'
import type { Ports } from '@spec-kitty/core/world/ports'
import { INSTRUCTIONS } from '../program.ts'
import type { Candidate, Sources } from './candidates.ts'

export function createSources(ports: Ports): Sources {
  return {
    missions: () =>
      quietly(() =>
        listMissions(ports, locateProject(ports)).map(({ slug, meta }) => ({
          value: slug,
          description: typeof meta.friendly_name === 'string' ? meta.friendly_name : '',
        })),
      ),
    workPackages: async mission => {
      try {
        const project = locateProject(ports)
        const { found } = await readWorkPackages(ports, resolveMission(ports, project, mission))
        return found.map(({ id, title }) => ({ value: id, description: title }))
      } catch {
        return []
      }
    },
    agents: () => AGENTS.map(({ key, name }) => ({ value: key, description: name })),
    lanes: () => DISPLAY_LANES.map(value => ({ value, description: '' })),
    topics: () =>
      quietly(() =>
        instructionsOn(ports, INSTRUCTIONS, undefined).topics.map(({ name, description }) => ({
          value: name,
          description,
        })),
      ),
    missionTypes: () => MISSION_TYPES.map(({ id, description }) => ({ value: id, description })),
  }
}

function quietly(read: () => readonly Candidate[]): readonly Candidate[] {
  try {
    return read()
  } catch {
    return []
  }
}
