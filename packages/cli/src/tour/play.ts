/** Plays the tour with the real program: what is printed is what was typed. */
import type { Tour } from '@spec-kitty/contracts/cli/tour'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { join } from '@spec-kitty/core/text/paths'
import { fitWidth } from '@spec-kitty/core/text/width'
import type { WriteFile } from '@spec-kitty/core/world/change'
import type { Ports } from '@spec-kitty/core/world/ports'
import { writeLocal } from '@spec-kitty/core/write/local'
import type { Session } from '../command.ts'
import type { Place, Run, Scene, Write } from './story.ts'

export interface Stage {
  /** Absolute; new or empty. */
  readonly directory: string
  /** Where the story's files lie. */
  readonly texts: string
  /** The words that start this program. */
  readonly self: readonly string[]
}

const LIMIT_MS = 120_000

/** The repository of a stage. Beside it lie a HOME and a `bin` of its own, so the tour is no guest of the user's settings. */
export function repositoryOf(stage: Stage): string {
  return join(stage.directory, 'hello')
}

/** Plays all scenes in order and answers what was run. Throws `tour_failed` at the first command that fails. */
export async function playTour(
  ports: Ports,
  stage: Stage,
  story: readonly Scene[],
  session: Pick<Session, 'show' | 'style'>,
): Promise<Tour['steps']> {
  await writeLocal(ports, props(stage), stage.directory)
  const steps: Tour['steps'] = []
  for (const [index, scene] of story.entries()) {
    session.show('')
    session.show(session.style.bold(`${index + 1}. ${scene.title}`))
    session.show(`   ${scene.say}`)
    for (const step of scene.steps) {
      if ('write' in step) await write(ports, stage, step, session)
      else steps.push(await run(ports, stage, step, session))
    }
  }
  return steps
}

/** Our program under its name, and a HOME. */
function props(stage: Stage): readonly WriteFile[] {
  const words = sh`${stage.self}`
  const file = (path: string, content: string, executable = false): WriteFile => ({
    kind: 'write_file',
    path: join(stage.directory, path),
    content,
    expect: null,
    executable,
  })
  return [
    file('bin/spec-kitty', `#!/bin/sh\nexec ${words} "$@"\n`, true),
    file('home/.gitconfig', '[user]\n\tname = Tour\n\temail = tour@example.invalid\n'),
  ]
}

async function write(
  ports: Ports,
  stage: Stage,
  step: Write,
  session: Pick<Session, 'show' | 'style'>,
): Promise<void> {
  const place = placeOf(ports, stage, step.at)
  const changes = Object.entries(step.write).map(([path, source]): WriteFile => {
    const content = ports.files.text(join(stage.texts, source)) ?? ''
    return { kind: 'write_file', path: join(place, path), content }
  })
  await writeLocal(ports, changes, stage.directory)
  session.show(session.style.dim(`   (writes ${Object.keys(step.write).join(', ')})`))
}

async function run(
  ports: Ports,
  stage: Stage,
  step: Run,
  session: Pick<Session, 'show' | 'style'>,
): Promise<Tour['steps'][number]> {
  const at = placeOf(ports, stage, step.at ?? 'repository')
  session.show(`   ${session.style.cyan(`$ ${step.run}`)}`)
  const { status, output } = await ports.env.shell(`${environment(stage, session)}\n${step.run}`, {
    cwd: at,
    limitMs: LIMIT_MS,
  })
  for (const line of shorten(output, status === 0 ? (step.lines ?? 4) : 100)) {
    session.show(`     ${status === 0 ? fitWidth(line, width(session)) : line}`)
  }
  if (status === 0) return { command: step.run, exit_status: status }
  throw new KittyError('tour_failed', `The tour stopped at: ${step.run}`, {
    hint: sh`Look around in ${at}, and report what you see`,
    data: { command: step.run, exit_status: status, output, repository: repositoryOf(stage) },
  })
}

/** A shell prelude: nothing of the surrounding git or HOME. */
function environment(stage: Stage, session: Pick<Session, 'style'>): string {
  return [
    'unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_CONFIG_GLOBAL XDG_CONFIG_HOME NODE_OPTIONS',
    sh`export HOME=${join(stage.directory, 'home')} GIT_CONFIG_NOSYSTEM=1 COLUMNS=${width(session)}`,
    sh`export PATH=${join(stage.directory, 'bin')}:"$PATH"`,
  ].join('\n')
}

/** Columns beside the margin. */
function width(session: Pick<Session, 'style'>): number {
  return Math.max(40, session.style.columns - 5)
}

function placeOf(ports: Ports, stage: Stage, place: Place): string {
  if (place === 'start') return stage.directory
  const repository = repositoryOf(stage)
  if (place === 'repository') return repository
  const missions = join(repository, 'kitty-specs')
  const slug = ports.files.list(missions).find(name => name.startsWith('hello')) ?? 'hello'
  return place === 'mission' ? join(missions, slug) : join(repository, '.worktrees', `${slug}-${place}`)
}

/** So many lines longer is what is shown, where a paragraph ends there: no sentence stops in its middle. */
const LENIENT = 2

/** The first lines that say something, and how many were left out. */
function shorten(output: string, limit: number): readonly string[] {
  const lines: string[] = []
  let end = limit
  for (const line of output.split('\n')) {
    if (line.trim() !== '') lines.push(line)
    else if (end === limit && lines.length > limit && lines.length <= limit + LENIENT) end = lines.length
  }
  const rest = lines.length - end
  return rest <= 0 ? lines : [...lines.slice(0, end), `… ${rest} more ${rest === 1 ? 'line' : 'lines'}`]
}
