/** `config`: what holds in this project, and whether somebody said so. */
import type { ProjectConfiguration } from '@spec-kitty/contracts/cli/project-aids'
import { isObject, type Json } from '@spec-kitty/contracts/json'
import { configPath, readConfig } from '../repo/project/config.ts'
import { locateProject } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'
import { readSettings } from './agent-config/settings.ts'

/** Throws `not_a_repository`, `file_malformed`, `invalid_input` (an unknown agent). */
export async function describeConfiguration(ports: Ports): Promise<ProjectConfiguration> {
  const project = locateProject(ports)
  const config = await readConfig(ports, project)
  const agents = await readSettings(ports, project)
  const said = (section: string, key: string): boolean => at(config.raw, section, key) !== undefined
  const setting = (
    key: string,
    value: ProjectConfiguration['settings'][number]['value'],
    isSet: boolean,
  ): ProjectConfiguration['settings'][number] => ({ key, value, origin: isSet ? 'config' : 'default' })
  const { section } = agents
  return {
    config_path: configPath(project),
    exists: agents.text !== undefined,
    settings: [
      setting(
        `${section}.available`,
        agents.agents.map(agent => agent.key),
        said(section, 'available'),
      ),
      setting(
        `${section}.auto_commit`,
        agents.autoCommit,
        said(section, 'auto_commit') || config.raw.auto_commit !== undefined,
      ),
      setting(
        `${section}.lint_on_edit`,
        agents.lintOnEdit,
        said(section, 'lint_on_edit') || config.raw.lint_on_edit !== undefined,
      ),
      setting(
        'protected_branches',
        [...config.protectedBranches],
        config.raw.protected_branches !== undefined,
      ),
      setting('commits', config.commits, config.raw.commits !== undefined),
      setting('delivery', config.delivery, config.raw.delivery !== undefined),
      setting('review.stale_approvals', config.staleApprovals, said('review', 'stale_approvals')),
      setting('review.independence', config.independence, said('review', 'independence')),
      setting('merge.strategy', config.mergeStrategy ?? 'squash', said('merge', 'strategy')),
      setting(
        'review.stall_threshold_minutes',
        config.stallMinutes,
        said('review', 'stall_threshold_minutes'),
      ),
    ],
  }
}

function at(raw: { readonly [key: string]: Json }, section: string, key: string): Json | undefined {
  const found = raw[section]
  return isObject(found) ? found[key] : undefined
}
