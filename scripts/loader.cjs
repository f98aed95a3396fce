'use strict'
/**
 * Loads the chunks of the bundle; the build puts this text in front of packages/cli/dist/cli.cjs. Node's own
 * loader would resolve every chunk on disk and compile it afresh, which is half of a short command's time. Here a
 * chunk is one read, and V8 takes its compiled form from `<chunk>.cache` when this very V8 wrote it; if not, it
 * compiles as usual. Chunk names carry a hash of their content, so a cache never belongs to another text.
 */
const { readFileSync } = require('node:fs')
const { Script } = require('node:vm')

/** A loader for the chunks in `directory`; `onScript` hears of each script that it compiled. */
function createLoader(directory, onScript) {
  const modules = new Map()
  return function load(name) {
    const known = modules.get(name)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    modules.set(name, module)
    const filename = `${directory}/${name}`
    // The build writes ASCII only, which is twice as fast to read this way.
    const text = readFileSync(filename, 'latin1')
    const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`
    const script = new Script(source, { filename, cachedData: readCache(`${filename}.cache`) })
    onScript?.(filename, script)
    const local = id => (id.startsWith('./') ? load(id.slice(2)) : require(id))
    script.runInThisContext().call(module.exports, module.exports, local, module, filename, directory)
    return module.exports
  }
}

function readCache(path) {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

module.exports = { createLoader }
