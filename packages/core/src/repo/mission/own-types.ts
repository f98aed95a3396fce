/** Mission types of the project's own: `.kittify/missions/<key>/mission-runtime.yaml`, as the Python edition reads them. */
import { isUnreadable, KittyError, unlessRefused } from '@spec-kitty/contracts/errors'
import { compareCodePoints, isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import { readYaml } from '../../text/yaml.ts'
import type { Ports } from '../../world/ports.ts'
import { locateProject, type Project } from '../project/locate.ts'
import { CLOSE, findMissionType, MISSION_TYPES, type MissionStep, type MissionType } from './types.ts'

type Where = Pick<Ports, 'files' | 'yaml'>

/** Relative to the project. */
const HOME = '.kittify/missions'
const FILE = 'mission-runtime.yaml'

/** The keys of the project's own types, sorted; reads no file. */
export function ownTypeKeys(ports: Pick<Ports, 'files'>, project: Pick<Project, 'root'>): readonly string[] {
  const home = join(project.root, HOME)
  return ports.files.list(home).filter(name => ports.files.stat(join(home, name, FILE)) !== undefined)
}

/**
 * A built-in type, or one of the project's own; undefined for a name that neither knows. Throws `file_malformed`
 * naming the file of an own type that has no steps.
 */
export async function missionTypeOf(
  ports: Where,
  project: Pick<Project, 'root'>,
  id: string,
): Promise<MissionType | undefined> {
  const builtIn = findMissionType(id)
  if (builtIn !== undefined) return builtIn
  return ownTypeKeys(ports, project).includes(id) ? await readOwnType(ports, project, id) : undefined
}

/** All types, sorted by id, and why one of the project's own cannot be read. Outside a project the built-in ones. */
export async function missionTypes(
  ports: Where & Pick<Ports, 'env'>,
): Promise<{ readonly found: readonly MissionType[]; readonly unread: ReadonlyMap<string, KittyError> }> {
  const found = [...MISSION_TYPES]
  const unread = new Map<string, KittyError>()
  const project = unlessRefused(
    () => locateProject(ports),
    () => undefined,
  )
  if (project === undefined) return { found, unread }
  for (const id of ownTypeKeys(ports, project)) {
    if (findMissionType(id) !== undefined) continue
    try {
      found.push(await readOwnType(ports, project, id))
    } catch (error) {
      if (!isUnreadable(error)) throw error
      unread.set(id, error)
    }
  }
  return { found: found.sort((a, b) => compareCodePoints(a.id, b.id)), unread }
}

async function readOwnType(ports: Where, project: Pick<Project, 'root'>, id: string): Promise<MissionType> {
  const folder = join(project.root, HOME, id)
  const path = join(folder, FILE)
  const value = await readYaml(ports, ports.files.text(path) ?? '', path)
  const listed = isObject(value) && isArray(value.steps) ? value.steps : []
  const rows = listed.filter(isObject)
  const steps = inOrder(rows).map(row => readStep(ports, folder, row))
  if (rows.length < listed.length || steps.length === 0 || steps.some(step => step.id === '')) {
    throw new KittyError('file_malformed', `${path} names no steps that could be walked`, {
      hint: sh`Give it a list "steps", each with an id and a title`,
      data: { path },
    })
  }
  const head = isObject(value) && isObject(value.mission) ? value.mission : {}
  const coded = steps.some(step => step.id === 'tasks')
  const walked = coded ? steps.map(asSoftware) : steps
  return {
    id,
    display_name: textOf(head.name) ?? id,
    description: textOf(head.description) ?? `A type of this project: ${HOME}/${id}`,
    action_sequence: steps.map(step => step.id),
    governance_refs: [],
    template_set: null,
    source_layer: 'project',
    extends: null,
    steps: walked.some(step => step.board === 'accepted') ? walked : [...walked, CLOSE],
  }
}

/** Steps that have the names of software development are held to the same documents and the same board. */
function asSoftware(step: MissionStep): MissionStep {
  const known = findMissionType('software-dev')?.steps.find(item => item.id === step.id)
  return known === undefined ? step : { ...known, ...step }
}

function readStep({ files }: Where, folder: string, row: JsonObject): MissionStep {
  const id = textOf(row.id) ?? ''
  const template = textOf(row.prompt_template)
  const found = [template, template === undefined ? undefined : `templates/${template}`]
    .flatMap(name => (name === undefined ? [] : [files.text(join(folder, name))]))
    .find(text => text !== undefined)
  const prompt = found ?? textOf(row.prompt) ?? textOf(row.description)
  const closing: Pick<MissionStep, 'board'> = id === 'accept' ? { board: 'accepted' } : {}
  return { id, title: textOf(row.title) ?? id, ...closing, ...(prompt === undefined ? {} : { prompt }) }
}

/** Each step after those it depends on, else as the file has them. A circle is walked in the order of the file. */
function inOrder(rows: readonly JsonObject[]): readonly JsonObject[] {
  const left = [...rows]
  const done = new Set<Json | undefined>()
  const ordered: JsonObject[] = []
  while (left.length > 0) {
    const ready = left.findIndex(row =>
      wordsOf(row.depends_on).every(id => done.has(id) || !left.some(other => other.id === id)),
    )
    const [row] = left.splice(Math.max(ready, 0), 1)
    if (row === undefined) break
    done.add(row.id)
    ordered.push(row)
  }
  return ordered
}

function wordsOf(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter(item => typeof item === 'string') : []
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
