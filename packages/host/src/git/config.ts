/** Git's version and configuration. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { fieldsOf, type RunGit, textOf } from './run.ts'

/** `[2, 39, 5]`. Throws `git_missing`. */
export async function gitVersion(run: RunGit, cwd: string): Promise<readonly [number, number, number]> {
  const text = textOf(await run({ cwd, args: ['version'] }))
  const match = /(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?/.exec(text)
  if (!match) throw new KittyError('git_failed', `git does not say its version: ${text}`)
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
}

/** A new repository; an existing one stays as it is. */
export async function createRepository(run: RunGit, cwd: string, directory: string): Promise<void> {
  await run({ cwd, args: ['init', '-q', directory], writes: true })
}

/** The effective value of each key, null where unset; a key without value reads as `true`. */
export async function readGitConfig(
  run: RunGit,
  cwd: string,
  keys: readonly string[],
): Promise<readonly (string | null)[]> {
  const values = await readSettings(run, cwd)
  return keys.map(key => values.get(normalKey(key)) ?? null)
}

/** All effective settings, by the key that git prints: section and variable in lower case. */
export async function readSettings(run: RunGit, cwd: string): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>()
  for (const field of fieldsOf(await run({ cwd, args: ['config', '--list', '-z'] }))) {
    const cut = field.indexOf('\n')
    if (cut < 0) values.set(field, 'true')
    else values.set(field.slice(0, cut), field.slice(cut + 1))
  }
  return values
}

/** Why git does not know in whose name to commit; undefined when it does. */
export async function identityProblem(run: RunGit, cwd: string): Promise<string | undefined> {
  for (const name of ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT']) {
    const answer = await run({ cwd, args: ['var', name], accept: [1, 128] })
    if (answer.status !== 0)
      return answer.stderr.split('\n').findLast(line => line.startsWith('fatal: ')) ?? answer.stderr
  }
  return undefined
}

/** Section and variable are case-insensitive, the subsection between them is not. */
function normalKey(key: string): string {
  const first = key.indexOf('.')
  const last = key.lastIndexOf('.')
  return key.slice(0, first).toLowerCase() + key.slice(first, last) + key.slice(last).toLowerCase()
}
