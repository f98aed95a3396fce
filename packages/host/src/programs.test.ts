/** What Windows asks of whoever looks for a program and starts it, judged on any machine. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it, test } from 'vitest'
import { browserOf, findProgram, type Machine, machine, shellOf, startOf } from './programs.ts'

/** A Windows machine with these files. */
function windows(files: readonly string[], variables: Record<string, string> = {}): Machine {
  const there = new Set(files.map(file => file.toLowerCase()))
  const all = { Path: 'C:\\Windows;"C:\\Program Files\\nodejs";bin;C:\\tools', ...variables }
  return { platform: 'win32', variables: all, runs: path => there.has(path.toLowerCase()) }
}

describe('where a program lies', () => {
  it('is told by PATHEXT on Windows, folder by folder, in the order of PATH', () => {
    const two = windows(['C:\\tools\\gh.exe', 'C:\\Program Files\\nodejs\\gh.cmd'])
    expect(findProgram('gh', two)).toBe('C:\\Program Files\\nodejs\\gh.cmd')
    expect(findProgram('gh.exe', two)).toBe('C:\\tools\\gh.exe')
    expect(findProgram('glab', two)).toBeUndefined()
  })

  it('is not a script for another shell, and no file of the folder that one stands in', () => {
    expect(findProgram('gh', windows(['C:\\tools\\gh', 'C:\\tools\\gh.ps1', 'bin\\gh.exe']))).toBeUndefined()
    expect(findProgram('gh', windows(['C:\\tools\\gh.ps1'], { PATHEXT: '.EXE;.PS1' }))).toBe(
      'C:\\tools\\gh.ps1',
    )
  })

  it('is asked of the real PATH here', () => {
    expect(findProgram('git', machine(process.env))).toBe(
      execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(),
    )
    expect(findProgram('spec-kitty-no-such-program', machine(process.env))).toBeUndefined()
    expect(findProgram('tmp', machine({ PATH: '/' }))).toBeUndefined()
  })
})

describe('how a program is started', () => {
  it('is by its name where the system can', () => {
    const here: Machine = { platform: 'linux', variables: {}, runs: () => true }
    expect(startOf('gh.cmd', ['a b', '"'], here)).toEqual({
      file: 'gh.cmd',
      words: ['a b', '"'],
      verbatim: false,
    })
    expect(startOf('gh', ['a b'], windows(['C:\\tools\\gh.exe']))).toEqual({
      file: 'C:\\tools\\gh.exe',
      words: ['a b'],
      verbatim: false,
    })
  })

  it('is by the command interpreter for a batch file', () => {
    const shim = windows(['C:\\Program Files\\nodejs\\gh.cmd'], { ComSpec: 'C:\\Windows\\system32\\cmd.exe' })
    expect(startOf('gh', ['pr', 'a "b" & calc'], shim)).toEqual({
      file: 'C:\\Windows\\system32\\cmd.exe',
      words: [
        '/d',
        '/s',
        '/c',
        String.raw`"C:\Program^ Files\nodejs\gh.cmd ^^^"pr^^^" ^^^"a^^^ \^^^"b\^^^"^^^ ^^^&^^^ calc^^^""`,
      ],
      verbatim: true,
    })
    expect(startOf('gh', ['one\ntwo'], shim)).toBe(
      'C:\\Program Files\\nodejs\\gh.cmd is a batch file, which cannot be told a text of several lines',
    )
  })

  test.each([
    '',
    'plain',
    'two words',
    '100 % of %PATH% and %1',
    'a "quoted" & calc.exe | more > out < in',
    '^caret ^& !bang!',
    '(x) [y] {z}; a, b = c',
    'ends with \\',
    'before a quote \\" and \\\\" more\\\\',
    'Grüße 漢字 👩',
    '--flag="with value"',
  ])('tells a batch file and the program behind it %j as one word', word => {
    const start = startOf('C:\\tools\\gh.cmd', ['first', word, 'last'], windows([]))
    if (typeof start === 'string') throw new Error(start)
    const [, , , line = ''] = start.words
    // The interpreter reads the line once for the batch file, and what that hands on (%*) once more.
    const handedOn = interpreted(interpreted(line.slice(1, -1)))
    expect(takenApart(handedOn)).toEqual(['C:\\tools\\gh.cmd', 'first', word, 'last'])
  })
})

/** What cmd.exe makes of a line: a caret takes the meaning of the next letter. Throws where one with a meaning is left. */
function interpreted(line: string): string {
  let text = ''
  for (let i = 0; i < line.length; i += 1) {
    if (line[i] === '^') i += 1
    else if (line[i] === '"') throw new Error(`a quote that counts at ${i} of ${line}`)
    else if ('&|<>()'.includes(line[i] ?? '') && !line.startsWith('C:')) throw new Error(`${line[i]} counts`)
    text += line[i] ?? ''
  }
  return text
}

/** Words of a command line as the C library of Windows takes them apart. */
function takenApart(line: string): string[] {
  const words: string[] = []
  let word = ''
  let quoted = false
  let begun = false
  for (let i = 0; i < line.length; ) {
    let slashes = 0
    while (line[i + slashes] === '\\') slashes += 1
    const next = line[i + slashes]
    if (next === '"') {
      word += '\\'.repeat(slashes / 2)
      if (slashes % 2 === 1) word += '"'
      else quoted = !quoted
      begun = true
      i += slashes + 1
    } else if (slashes > 0) {
      word += '\\'.repeat(slashes)
      i += slashes
    } else if (next === ' ' && !quoted) {
      if (begun || word !== '') words.push(word)
      word = ''
      begun = false
      i += 1
    } else {
      word += next
      i += 1
    }
  }
  return [...words, word]
}

describe("the shell of a project's commands", () => {
  it.each([
    ['the installer', 'C:\\tools\\git.exe', 'C:\\bin\\sh.exe'],
    ['its cmd folder', 'C:\\Git\\cmd\\git.exe', 'C:\\Git\\bin\\sh.exe'],
    ['its own shell', 'C:\\Git\\mingw64\\bin\\git.exe', 'C:\\Git\\bin\\sh.exe'],
  ])('is the one that git brings, found from %s', (_, git, shell) => {
    const at = { Path: git.slice(0, git.lastIndexOf('\\')) }
    expect(shellOf(windows([git, shell, 'C:\\Windows\\System32\\bash.exe'], at))).toBe(shell)
  })

  it('is looked for where git is installed when a launcher stands on PATH', () => {
    const own = 'C:\\Users\\me\\scoop\\apps\\git\\current\\bin\\sh.exe'
    const at = { Path: 'C:\\Users\\me\\scoop\\shims', USERPROFILE: 'C:\\Users\\me' }
    expect(shellOf(windows(['C:\\Users\\me\\scoop\\shims\\git.exe', own], at))).toBe(own)
    expect(shellOf(windows([]))).toBe('sh.exe')
    expect(shellOf(machine({}))).toBe('/bin/sh')
  })
})

test('an address with an ampersand reaches the browser whole', () => {
  const url = 'https://example.com/?a=1&b=%20'
  expect(browserOf('win32', url)).toEqual(['rundll32.exe', ['url.dll,FileProtocolHandler', url]])
  expect(browserOf('darwin', url)).toEqual(['open', [url]])
  expect(browserOf('linux', url)).toEqual(['xdg-open', [url]])
})
