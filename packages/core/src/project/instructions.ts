/** `instructions <topic>` and `session-start`: what an agent fetches when it needs it, instead of loading it always. */
import type { Instructions, SessionStart } from '@spec-kitty/contracts/cli/project-aids'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { locateProject } from '../repo/project/locate.ts'
import { summarizeOpenMissions } from '../repo/summary.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { type CommandText, readTexts } from './slash-commands.ts'

/** A topic, or the list of them. `directory` holds the texts. Throws `invalid_input` for an unknown topic. */
export function instructionsOn(
  ports: Pick<Ports, 'files'>,
  directory: string,
  topic: string | undefined,
): Instructions {
  const texts = readTexts(ports.files, directory)
  const topics = texts.map(({ name, description }) => ({ name, description }))
  if (topic === undefined) return { topic: null, topics, text: listOf(texts) }
  const found = texts.find(({ name }) => name === topic.toLowerCase())
  if (found === undefined) {
    throw new KittyError('invalid_input', `No instructions on '${topic}'`, {
      hint: sh`Choose from: ${listed(texts.map(({ name }) => name))}`,
    })
  }
  return { topic: found.name, topics, text: found.body }
}

function listOf(texts: readonly CommandText[]): string {
  const width = Math.max(...texts.map(({ name }) => name.length))
  const lines = texts.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`)
  return ['Topics, each in under 2 KB (spec-kitty instructions TOPIC):', ...lines].join('\n')
}

/** What a new session should know: the open missions. Nothing where there is no project; never a refusal. */
export function sessionStart(ports: Pick<Ports, 'env' | 'files'>): SessionStart {
  const missions = openMissions(ports)
  if (missions === undefined) return { text: '', missions: [] }
  const lines = missions.map(
    ({ mission_slug: slug, state, done_wps: done, total_wps: total, friendly_name: name }) =>
      `- ${slug} (${name}): ${state}${total === 0 ? '' : `, ${done} of ${total} work packages done`}`,
  )
  const text = [
    'This repository is developed with Spec Kitty.',
    ...(lines.length === 0 ? ['No mission is open.'] : ['Open missions:', ...lines.slice(0, 5)]),
    'What to do now: spec-kitty next. The board: spec-kitty agent tasks status. Help: spec-kitty instructions.',
  ].join('\n')
  return { text, missions: missions.map(({ mission_slug: slug }) => slug) }
}

function openMissions(ports: Pick<Ports, 'env' | 'files'>) {
  try {
    const { root } = locateProject(ports)
    if (ports.files.stat(join(root, '.kittify')) === undefined) return undefined
    return summarizeOpenMissions(ports)
  } catch (error) {
    // A session must start in any directory.
    if (error instanceof KittyError) return undefined
    throw error
  }
}
