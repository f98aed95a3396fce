import { MissionCreate } from '@spec-kitty/contracts/cli/mission-create'
import { type CreateInput, createMission } from '@spec-kitty/core/mission/create'
import type { Ports } from '@spec-kitty/core/world/ports'
import { arg, autoCommitFlag, choice, defineCommand, text, toggle } from '../../../command.ts'
import type { Style } from '../../../style.ts'
import { VERSION } from '../../../version.ts'

export const createFlags = {
  friendlyName: text('title for people (default: the name in words)'),
  purposeTldr: text('what it is for, in one line'),
  purposeContext: text('why it is done, in a paragraph'),
  missionType: text('software-dev, research, documentation, plan or one of your own', { value: 'TYPE' }),
  targetBranch: text('branch to merge into (default: the current one)', { value: 'BRANCH' }),
  startBranch: text('branch to switch to (made when new) and to merge into', { value: 'BRANCH' }),
  homeBranch: text('branch to plan on (made when new); the mission lands on the target by pull request', {
    value: 'BRANCH',
  }),
  prBound: toggle('it will end in a pull request'),
  branchStrategy: choice(['already-confirmed'], 'with --pr-bound: planning on the target branch is intended'),
  autoCommit: autoCommitFlag,
}

/** Makes the mission and says which edition did. */
export async function create(ports: Ports, input: CreateInput): Promise<MissionCreate> {
  return { ...(await createMission(ports, input)), spec_kitty_version: VERSION }
}

export function createdText(result: MissionCreate, style: Style): string {
  return [
    `Created mission ${style.bold(result.mission_slug)} on branch ${result.current_branch}.`,
    `Next: ${result.next_step}`,
  ].join('\n')
}

export const command = defineCommand({
  description:
    'Makes kitty-specs/<name>-<id>/ with an empty specification and commits it. The name is kebab-case; `spec-kitty specify` also takes a title.',
  examples: [
    'spec-kitty agent mission create user-auth',
    'spec-kitty agent mission create user-auth --friendly-name "User authentication" --start-branch feat/user-auth',
  ],
  args: { name: arg('name of the mission, kebab-case') },
  flags: createFlags,
  writes: true,
  result: MissionCreate,
  run: create,
  text: createdText,
})
