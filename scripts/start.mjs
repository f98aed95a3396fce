/** `npm start`: installs, builds, runs the guided tour. Arguments go to `spec-kitty tour`. */
import { installIfNeeded, root, run } from './workspace.mjs'

async function main() {
  if (!(await installIfNeeded())) return 1
  const built = await run(process.execPath, ['scripts/build.mjs'], { show: true })
  if (built.status !== 0) return built.status
  const tour = await run(
    process.execPath,
    [`${root}/bin/spec-kitty`, 'tour', '--keep', ...process.argv.slice(2)],
    {
      show: true,
    },
  )
  return tour.status
}

process.exitCode = await main()
