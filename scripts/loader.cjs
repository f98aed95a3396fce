'use strict'
/**
 * Loads the chunks of the bundle; the build puts this text in front of packages/cli/dist/cli.cjs. Node's own
 * loader would resolve every chunk on disk and compile it afresh, which is half of a short command's time. Here a
 * chunk is one read, and V8 takes its compiled form from the directory `compiled` beside it, which the first run of
 * a command fills. Chunk names carry a hash of their content, so a compiled form never belongs to another text.
 */
const {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} = require('node:fs')
const { Script } = require('node:vm')

/**
 * Where the compiled forms for this very Node lie; undefined when it cannot be told. V8 takes what another patch
 * release of Node 20 wrote, and crashes; so the name holds version, platform, and the program file's size and time.
 */
function compiledDirectory(directory) {
  const { execPath, version, platform, arch } = process
  const node = statSync(execPath, { throwIfNoEntry: false })
  if (node === undefined) return undefined
  return `${directory}/compiled/${version}-${platform}-${arch}-${node.size}-${Math.trunc(node.mtimeMs)}`
}

/**
 * `load` runs a chunk of `directory` once and answers its exports. `save` keeps the compiled forms of all chunks that
 * took part when one of them had none that V8 takes: each command adds what it used. A directory that cannot be written:
 * no harm.
 */
function createLoader(directory, compiled = compiledDirectory(directory)) {
  const modules = new Map()
  const scripts = new Map()
  let fresh = false
  /** The form of the first chunk, made under the options of V8 that every run begins with, and the length of its text. */
  let first

  function load(name) {
    const loaded = modules.get(name)
    if (loaded !== undefined) return loaded.exports
    const module = { exports: {} }
    modules.set(name, module)
    const filename = `${directory}/${name}`
    // The build writes ASCII only, which is twice as fast to read this way.
    const text = readFileSync(filename, 'latin1')
    const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`
    const cachedData = readCompiled(name)
    const script = new Script(source, { filename, cachedData })
    const known = cachedData !== undefined && !script.cachedDataRejected
    fresh ||= !known
    first ??= { length: source.length, form: known ? cachedData : script.createCachedData() }
    scripts.set(name, script)
    const local = id => (id.startsWith('./') ? load(id.slice(2)) : require(id))
    script.runInThisContext().call(module.exports, module.exports, local, module, filename, directory)
    return module.exports
  }

  function readCompiled(name) {
    try {
      return readFileSync(`${compiled}/${name}`)
    } catch {
      return undefined
    }
  }

  /**
   * The program turns an option of V8 where it reads much, and no run that begins without would take what is compiled
   * then. V8 tells a text by its length: another one, for it remembers the first.
   */
  function isAsAtStart() {
    return !new Script(' '.repeat(first.length), { cachedData: first.form }).cachedDataRejected
  }

  function save() {
    if (!fresh || compiled === undefined || !isAsAtStart()) return
    try {
      mkdirSync(compiled, { recursive: true })
      accessSync(compiled, constants.W_OK)
      for (const [name, script] of scripts) {
        const temporary = `${compiled}/${name}.${process.pid}`
        writeFileSync(temporary, script.createCachedData(), { flag: 'wx', flush: true })
        renameSync(temporary, `${compiled}/${name}`)
      }
    } catch {
      // Read-only, full, or another run was there first: the next start is a little slower, nothing else.
    }
  }

  return { load, save }
}

/** Runs the program. Options of Node may change what V8 writes into a compiled form: only a plain run saves any. */
function start(directory, main) {
  const { load, save } = createLoader(directory)
  if (process.execArgv.length === 0 && process.env.NODE_OPTIONS === undefined) process.on('exit', save)
  load(main)
}

module.exports = { createLoader, compiledDirectory, start }
