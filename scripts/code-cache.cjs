'use strict'
/**
 * Runs the built program once (`node code-cache.cjs <dist> <main chunk> <words…>`) and then writes V8's compiled
 * form of every chunk that took part beside it. Each run starts from the caches of the last, so they grow.
 */
const { renameSync, writeFileSync } = require('node:fs')
const { createLoader } = require('./loader.cjs')

const [, , dist, main, ...words] = process.argv
const scripts = new Map()
process.argv = [process.argv[0], 'spec-kitty', ...words]
process.on('exit', () => {
  for (const [filename, script] of scripts) {
    const temporary = `${filename}.cache.${process.pid}`
    writeFileSync(temporary, script.createCachedData())
    renameSync(temporary, `${filename}.cache`)
  }
})
createLoader(dist, (filename, script) => scripts.set(filename, script))(main)
