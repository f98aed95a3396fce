/** `decisions/index.json` as a document; unknown keys survive. */

import { KittyError } from '@spec-kitty/contracts/errors'
import type { DecisionEntry, DecisionIndex } from '@spec-kitty/contracts/files/decision'
import { isArray, isObject, type Json, parseJson, printSorted } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { Mission } from '../repo/mission/handle.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

export type OpenDecision = Pick<
  DecisionEntry,
  'decision_id' | 'input_key' | 'question' | 'options' | 'origin_flow'
>

export function indexPath(mission: Pick<Mission, 'dir'>): string {
  return join(mission.dir, 'decisions', 'index.json')
}

export function artifactPath(mission: Pick<Mission, 'dir'>, id: string): string {
  return join(mission.dir, 'decisions', `DM-${id}.md`)
}

/** The index; empty before the first decision. Throws `file_malformed`. */
export function readIndex(ports: Pick<Ports, 'files'>, mission: Pick<Mission, 'dir' | 'id'>): DecisionIndex {
  const path = indexPath(mission)
  const text = ports.files.text(path)
  if (text === undefined) return { version: 1, mission_id: mission.id, entries: [] }
  return parseIndex(path, text)
}

function parseIndex(path: string, text: string): DecisionIndex {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw malformed(path, cause instanceof Error ? cause.message : 'it is not JSON')
  }
  if (!isObject(value) || !isArray(value.entries) || !value.entries.every(isEntry)) {
    throw malformed(path, '"entries" is not a list of decisions')
  }
  // isEntry has just looked at every field that is relied on.
  return value as unknown as DecisionIndex
}

export function printIndex(index: DecisionIndex): string {
  return printSorted(index as Json)
}

/** Questions that wait for an answer, oldest first. Throws `file_malformed`. */
export function openDecisions(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir' | 'id'>,
): readonly OpenDecision[] {
  return readIndex(ports, mission).entries.filter(entry => entry.status === 'open')
}

function isEntry(value: Json): boolean {
  if (!isObject(value)) return false
  return ['decision_id', 'input_key', 'origin_flow', 'question', 'status'].every(
    key => typeof value[key] === 'string',
  )
}

function malformed(path: string, problem: string): KittyError {
  return new KittyError('file_malformed', `Cannot read ${path}: ${problem}`, {
    hint: sh`Mend it, or look for its last good version: git log -- ${path}`,
    data: { path },
    restore: {
      path,
      read: text => parseIndex(path, text),
      otherwise: sh`mv ${path} ${`${path}.broken`}`,
    },
  })
}
