import { OrchestratorMergeMission } from '@spec-kitty/contracts/cli/orchestrator-api'
import { sh } from '@spec-kitty/contracts/sh'
import { apiMerge } from '@spec-kitty/core/orchestrator/conclude'
import { text, toggle } from '../../command.ts'
import { VERSION } from '../../version.ts'
import { defineApiCommand, handleFlag } from './api-command.ts'

/** 4.0 calls it consolidate-mission. */
export const mergeCommand = (name: 'merge-mission' | 'consolidate-mission') =>
  defineApiCommand({
    name,
    description: 'Merges the approved lanes of a mission into its target branch; every blocker is named.',
    examples: [sh`spec-kitty orchestrator-api ${name} --mission hello --strategy squash`],
    flags: {
      mission: handleFlag,
      target: text('merge into this branch (default: the target of the mission)', { value: 'BRANCH' }),
      strategy: text('merge, squash or rebase (default: merge)', { value: 'NAME' }),
      push: toggle('push the target afterwards'),
    },
    writes: true,
    result: OrchestratorMergeMission,
    run: (ports, input) => apiMerge(ports, { ...input, version: VERSION }),
  })

export const command = mergeCommand('merge-mission')
