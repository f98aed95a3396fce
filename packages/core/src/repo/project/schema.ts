/** The version of a project's layout: 3 is supported, no other. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import { locateProject, type Project } from './locate.ts'

export const SCHEMA_VERSION = 3

/** What `.kittify/metadata.yaml` says: undefined without the file, null when it names no version. */
export function readSchemaVersion(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'root'>,
): number | null | undefined {
  const text = ports.files.text(join(project.root, '.kittify', 'metadata.yaml'))
  if (text === undefined) return undefined
  const value = /^[ \t]+["']?schema_version["']?:[ \t]*["']?(\d+)["']?[ \t]*(?:#.*)?$/m.exec(text)?.[1]
  return value === undefined ? null : Number(value)
}

/** The refusal for a project of this version; undefined for one that works. */
export function schemaRefusal(version: number | null | undefined): KittyError | undefined {
  if (version === undefined || version === SCHEMA_VERSION) return undefined
  if (version !== null && version > SCHEMA_VERSION) {
    return new KittyError(
      'schema_too_new',
      `This project uses Spec Kitty project schema ${version}, but this CLI supports up to schema ${SCHEMA_VERSION}.`,
      {
        hint: sh`Install a newer Spec Kitty`,
        data: {
          ...{ schema_version: version, max_supported: SCHEMA_VERSION },
          ...{ decision: 'BLOCK_CLI_UPGRADE', case: 'project_too_new_for_cli' },
        },
      },
    )
  }
  const found = version === null ? 'its .kittify/metadata.yaml names no schema' : `it has schema ${version}`
  return new KittyError(
    'schema_too_old',
    `This project needs Spec Kitty project migrations before this command can run: ${found}`,
    {
      hint: sh`Run the upgrade of the Python edition 3.2 once: it knows all older layouts`,
      data: {
        ...{ schema_version: version, min_supported: SCHEMA_VERSION },
        ...{ decision: 'BLOCK_PROJECT_MIGRATION', case: 'project_migration_needed' },
      },
    },
  )
}

/** Throws `schema_too_old` (exit 4) or `schema_too_new` (exit 5); fine outside a repository, where nothing is at stake. */
export function refuseOtherSchema(ports: Pick<Ports, 'env' | 'files'>): void {
  const project = projectAround(ports)
  const refusal = project === undefined ? undefined : schemaRefusal(readSchemaVersion(ports, project))
  if (refusal !== undefined) throw refusal
}

function projectAround(ports: Pick<Ports, 'env' | 'files'>): Project | undefined {
  try {
    return locateProject(ports)
  } catch (error) {
    if (error instanceof KittyError && error.code === 'not_a_repository') return undefined
    throw error
  }
}
