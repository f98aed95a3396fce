/** Which package may know which (docs/architecture.md), and the one door to each outside thing (ADR 0001). */
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAY_IMPORT } from './may-import.ts'
import { importsOf, readSources, type SourceFile, withoutComments } from './source.ts'

const sources = readSources()
const product = sources.filter(file => file.product)

/**
 * The floors of core, lowest first: a folder imports from those before it and from itself (ADR 0032). `repo/` is what is
 * on disk, as pure models; `write/` the one door for changing it; what follows are flows.
 */
const FOLDERS: readonly string[] = [
  'world',
  'text',
  'repo/project',
  'repo/mission',
  'repo/log',
  'repo/lanes',
  'repo/tasks',
  'repo/review',
  'repo',
  'link',
  'write',
  'auth',
  'accept',
  'lanes',
  'merge',
  'landing',
  'decisions',
  'status',
  'sync',
  'tasks',
  'review',
  'next',
  'project',
  'mission',
  'import',
  'doctor',
  'board',
  'orchestrator',
  'dashboard',
]

/** An outside thing → what using it looks like, and the files that may. */
const DOORS: Readonly<Record<string, { readonly uses: RegExp; readonly only: readonly string[] }>> = {
  'starting a process': {
    uses: /['"](?:node:)?child_process['"]/,
    only: ['packages/host/src/git/run.ts', 'packages/host/src/shell.ts', 'packages/host/src/editor.ts'],
  },
  'standard output and error': {
    uses: /\bconsole\.|process\.(?:stdout|stderr)|\bwriteSync\(\s*[12]\b|stdout\.write|stderr\.write/,
    only: ['packages/cli/src/bin.ts'],
  },
  'the process itself': {
    uses: /\bprocess\.(?:exit\b|exitCode|argv|on\b|stdin)|=\s*process\b(?!\.)/,
    // A server runs until a signal ends it.
    only: ['packages/cli/src/bin.ts', 'packages/server/src/process.ts'],
  },
  'the clock': {
    uses: /\bDate\.now\(|\bnew Date\(\s*\)|performance\.now\(|hrtime/,
    only: ['packages/host/src/clock.ts', 'packages/server/src/process.ts', 'packages/web/src/data/world.ts'],
  },
  'the network': {
    uses: /(?<![.\w])fetch\(|['"]node:(?:https?|net|tls|dgram|http2)['"]|new WebSocket\(/,
    only: [
      'packages/host/src/net.ts',
      'packages/dashboard/src/server.ts',
      'packages/dashboard/src/reply.ts',
      'packages/dashboard/src/client.ts',
      'packages/dashboard/src/run.ts',
      'packages/dashboard/src/stream.ts',
      'packages/web/src/data/world.ts',
    ],
  },
  // Bytes become text in host/files.ts, which refuses those that are no UTF-8; what git and servers say goes its own way.
  'reading files': {
    uses: /\breadFileSync\(|createReadStream\(|\bopenAsBlob\(/,
    only: ['packages/host/src/', 'packages/server/src/', 'packages/dashboard/src/'],
  },
  'reading JSON': { uses: /\bJSON\.parse\(/, only: ['packages/contracts/src/json.ts'] },
  // The performer asks host/place.ts first; the others know only fixed places: HOME, the git directory, a server's data.
  'changing files': {
    uses: /\b(?:writeFile|appendFile|open|rename|unlink|rm|rmdir|mkdir|mkdtemp|symlink|link|cp|copyFile|truncate|chmod|utimes)Sync\(|createWriteStream\(|fs\/promises/,
    only: [
      // Opens a log to read what was added to it.
      'packages/host/src/files.ts',
      // A scratch file, for an editor.
      'packages/host/src/editor.ts',
      'packages/host/src/write.ts',
      'packages/host/src/apply.ts',
      'packages/host/src/spool.ts',
      'packages/host/src/secrets.ts',
      'packages/host/src/lock.ts',
      'packages/host/src/ids.ts',
      'packages/host/src/git/aside.ts',
      'packages/host/src/git/crash.ts',
      'packages/host/src/git/checkout.ts',
      'packages/host/src/git/objects.ts',
      'packages/server/src/',
      'packages/dashboard/src/control.ts',
    ],
  },
  'foreign code': { uses: /['"]koffi['"]/, only: ['packages/host/src/native-lock.ts'] },
  // What takes the lock, and what a dry run stands in for (ADR 0031).
  'changes to the world': {
    uses: /\.apply\(/,
    only: [
      'packages/core/src/write/conduct.ts',
      'packages/core/src/write/local.ts',
      'packages/core/src/write/write.ts',
    ],
  },
  'random numbers': {
    uses: /Math\.random\(|randomBytes|getRandomValues|randomUUID/,
    // The style's seal is never kept and never shown.
    only: ['packages/host/src/ids.ts', 'packages/server/src/process.ts', 'packages/cli/src/style.ts'],
  },
  'what a person reads (printed past it, text of a repository could steer the terminal)': {
    uses: /\bio\.(?:out|err)\b|\{[^}]*\b(?:out|err)\b[^}]*\} = io\b/,
    only: ['packages/cli/src/print.ts'],
  },
  'questions at a terminal': { uses: /['"]@clack\/prompts['"]/, only: ['packages/cli/src/ask.ts'] },
}

function allowed(file: SourceFile, name: string): boolean {
  const rules = MAY_IMPORT[file.package] ?? []
  return rules.some(rule => name === rule || name.startsWith(/[:-]$/.test(rule) ? rule : `${rule}/`))
}

describe('layers', () => {
  it('a package imports only what it may', () => {
    const wrong = product.flatMap(file =>
      file.imports
        .filter(name => !name.startsWith('.') && !allowed(file, name))
        .map(name => `${file.path} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('a relative import stays in its package and names its file', () => {
    const wrong = sources.flatMap(file =>
      file.imports
        .filter(name => name.startsWith('.'))
        .filter(name => {
          const target = normalize(join(dirname(file.path), name))
          return !target.startsWith(`packages/${file.package}/`) || !/\.(tsx?|json)$/.test(name)
        })
        .map(name => `${file.path} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('no two files import each other in a circle, for a type neither', () => {
    expect(circles()).toEqual([])
  })

  it('no import of core goes up', () => {
    const inCore = sources.filter(file => file.package === 'core')
    const wrong = inCore.flatMap(file =>
      importedFiles(file)
        .filter(target => target.startsWith(CORE) && floorOf(target) > floorOf(file.path))
        .map(target => `${file.path} imports ${target}`),
    )
    expect(wrong).toEqual([])
    expect(inCore.filter(file => floorOf(file.path) < 0).map(file => file.path)).toEqual([])
  })

  it.each(Object.entries(DOORS))('one door: %s', (_, door) => {
    const users = product.filter(file => door.uses.test(withoutTypes(file.code))).map(file => file.path)
    expect(
      users.filter(
        path =>
          !door.only.some(allowed => path === allowed || (allowed.endsWith('/') && path.startsWith(allowed))),
      ),
    ).toEqual([])
  })

  it('what is sent away or copied is read without following a link', () => {
    const lists = product.filter(
      file => /core\/src\/(?:sync\/|lanes\/setup)/.test(file.path) && /\.list\(/.test(file.code),
    )
    expect(lists.filter(file => !/ownFiles\(/.test(file.code)).map(file => file.path)).toEqual([])
    expect(lists.length).toBeGreaterThan(1)
  })

  it('product code does not import test code', () => {
    const wrong = product.filter(file =>
      file.imports.some(name => /\/testing\/|\.test\.ts$|^vitest/.test(name)),
    )
    expect(wrong.map(file => file.path)).toEqual([])
  })

  it('sees imports of every form and no comments', () => {
    const code = withoutComments(
      `import 'a'\nimport { x } from "b"\nconst y = await import('c')\n// from 'd'\n/* import 'e' */`,
    )
    expect(importsOf(code)).toEqual(['a', 'b', 'c'])
  })
})

const CORE = 'packages/core/src/'

/** The place of a file of core in FOLDERS, -1 for a folder that has none. */
function floorOf(path: string): number {
  const folder = dirname(path.slice(CORE.length))
  const known = FOLDERS.filter(name => folder === name || (folder.startsWith(`${name}/`) && name !== 'repo'))
  return Math.max(...known.map(name => FOLDERS.indexOf(name)), -1)
}

/** Circles of imports, each named by its files. */
function circles(): readonly string[] {
  const graph = new Map(sources.map(file => [file.path, importedFiles(file)]))
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    state.set(path, 'open')
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    state.set(path, 'done')
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

/** What is left at run time: a type opens no door. */
function withoutTypes(code: string): string {
  return code.replace(/(?:import|export) type [^'"]*['"][^'"]*['"]/g, '')
}

/** Our own files that a file names, types included; what is loaded when used is not. */
function importedFiles(file: SourceFile): readonly string[] {
  const code = file.code.replace(/import\(\s*['"][^'"]*['"]\s*\)/g, '')
  return importsOf(code).flatMap(name => {
    if (name.startsWith('.')) return [normalize(join(dirname(file.path), name))]
    const inside = /^@spec-kitty\/([^/]+)\/(.+)$/.exec(name)
    return inside === null ? [] : [`packages/${inside[1]}/src/${inside[2]}.ts`]
  })
}
