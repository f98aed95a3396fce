/** Git and the project's own files: what every command relies on. */
import { isUnreadable } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { gitTooOld } from '../merge/git-version.ts'
import { AGENTS, findAgent } from '../project/agents.ts'
import { ATTRIBUTES, withLines } from '../project/git-files.ts'
import { registerMergeDriver } from '../project/merge-driver.ts'
import { byChanges, type Finding, finding, mendable, refused } from '../repo/finding.ts'
import { ignoreChanges } from '../repo/lanes/ignore.ts'
import { readConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { readSchemaVersion, schemaRefusal } from '../repo/project/schema.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

const DRIVER = 'merge.spec-kitty-event-log.driver'

/** Two git processes. */
export async function gitFindings(ports: Ports, project: Project): Promise<readonly Finding[]> {
  const [version, driver] = await Promise.all([gitVersionFinding(ports), driverFinding(ports, project)])
  return [...version, ...driver, ...ignoreFinding(ports, project), ...attributesFinding(ports, project)]
}

async function gitVersionFinding(ports: Ports): Promise<readonly Finding[]> {
  const refusal = gitTooOld(await ports.git.version())
  if (refusal === undefined) return []
  return [refused({ code: refusal.code, path: null }, refusal)]
}

async function driverFinding(ports: Ports, project: Project): Promise<readonly Finding[]> {
  const [driver] = await ports.git.config(project.top, [DRIVER])
  const path = null
  if (driver == null) {
    const message =
      'The merge driver for event logs is not registered: git would put conflict markers into a log'
    return [
      mendable(
        { code: 'merge_driver_missing', severity: 'warning', path, message },
        byChanges(
          registerMergeDriver(ports, project.commonDir),
          'Registered the merge driver for event logs',
        ),
      ),
    ]
  }
  if (/\bmerge-driver-event-log\b.*%O.*%A.*%B/.test(driver)) return []
  const message = `The merge driver for event logs runs something else: ${driver}`
  const fix = sh`git config ${DRIVER} 'spec-kitty merge-driver-event-log %O %A %B'`
  return [finding({ code: 'merge_driver_foreign', severity: 'warning', path, message }, fix)]
}

function ignoreFinding(ports: Ports, project: Project): readonly Finding[] {
  const changes = ignoreChanges(ports, project)
  if (changes.length === 0) return []
  const message = 'Worktrees and local caches are not ignored by git: they would be committed by git add'
  const done = 'Made git ignore worktrees and local caches, in .git/info/exclude'
  return [
    mendable(
      { code: 'ignore_lines_missing', severity: 'warning', path: '.gitignore', message },
      byChanges(changes, done),
    ),
  ]
}

function attributesFinding(ports: Ports, project: Project): readonly Finding[] {
  const path = join(project.root, '.gitattributes')
  const before = ports.files.text(path)
  const wanted = ATTRIBUTES.slice(0, 1)
  const content = withLines(before, wanted)
  if (content === undefined) return []
  const message = '.gitattributes does not name the merge driver for event logs'
  const changes = [{ kind: 'write_file', path, content, expect: before ?? null }] as const
  return [
    mendable(
      { code: 'attributes_missing', severity: 'warning', path: '.gitattributes', message },
      byChanges(changes, 'Named the merge driver in .gitattributes', [path]),
    ),
  ]
}

/** Schema and configuration. No git process. */
export async function setupFindings(ports: Ports, project: Project): Promise<readonly Finding[]> {
  const refusal = schemaRefusal(readSchemaVersion(ports, project))
  const schema =
    refusal === undefined ? [] : [refused({ code: refusal.code, path: '.kittify/metadata.yaml' }, refusal)]
  return [...schema, ...(await configFindings(ports, project))]
}

async function configFindings(ports: Ports, project: Project): Promise<readonly Finding[]> {
  const path = '.kittify/config.yaml'
  if (ports.files.stat(join(project.root, path)) === undefined) {
    const message = 'There is no .kittify/config.yaml: every setting has its default, and no agent is set up'
    return [
      finding(
        { code: 'config_missing', severity: 'warning', path, message },
        sh`spec-kitty init --ai claude`,
      ),
    ]
  }
  try {
    const { agents } = await readConfig(ports, project)
    return agents.flatMap(key => {
      if (findAgent(key) !== undefined) return []
      const message = `Agent '${key}' is not known`
      const known = listed(AGENTS.map(agent => agent.key))
      const fix = sh`Correct agents.available in ${path}; known: ${known}`
      return [finding({ code: 'agent_unknown', severity: 'warning', path, message }, fix)]
    })
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return [refused({ code: 'config_malformed', path }, error)]
  }
}
