/** What somebody who has seen the tour pastes next: nothing that ends in "command not found". */
import { isObject, parseObject } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { join, resolvePath } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'

/** `bin`: the folder of the program in a clone. */
export function onward(ports: Pick<Ports, 'env' | 'files'>, bin: string): readonly Remedy[] {
  const kept = keptBy(ports, bin)
  return [...(kept === undefined ? [] : [kept]), sh`spec-kitty init --ai claude`]
}

/** The command after which `spec-kitty` is found; undefined where it is, and stays so. */
function keptBy({ env, files }: Pick<Ports, 'env' | 'files'>, bin: string): Remedy | undefined {
  const found = env.find('spec-kitty')
  if (found === undefined)
    return files.stat(join(bin, 'spec-kitty')) === undefined ? undefined : sh`export PATH=${bin}:"$PATH"`
  // npx puts the package that it was asked for into a folder of its own, on PATH for this one run.
  const [folder] = /^.{1,4096}?[\\/]_npx[\\/][^\\/]{1,200}(?=[\\/]node_modules[\\/])/.exec(found) ?? []
  if (folder === undefined) return undefined
  const { dependencies } = parseObject(files.text(`${folder}/package.json`) ?? '{}') ?? {}
  const asked = isObject(dependencies) ? dependencies['spec-kitty'] : undefined
  const file =
    typeof asked === 'string' && asked.startsWith('file:') ? asked.slice('file:'.length) : undefined
  return sh`npm install --global ${file === undefined ? 'spec-kitty' : resolvePath(folder, file)}`
}
