/** `npm start`: installs, builds, runs the guided tour. Arguments go to `spec-kitty tour`. */
import { installIfNeeded, root, run } from './workspace.mjs'

async function main() {
  if (!(await installIfNeeded())) return 1
  const built = await run(process.execPath, ['scripts/build.mjs'], { show: true })
  if (built.status !== 0) return built.status
  // Somebody who came by `npm start` wants to look around afterwards.
  const words = process.argv.slice(2)
  const keep = words.some(word => /^--(no-)?keep$|^--dir/.test(word)) ? [] : ['--keep']
  const tour = await run(process.execPath, [`${root}/bin/spec-kitty`, 'tour', ...keep, ...words], {
    show: true,
  })
  return tour.status
}

process.exitCode = await main()
