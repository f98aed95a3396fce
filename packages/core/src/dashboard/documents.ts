/** The documents of a mission: what lies in its directory and is text, without following a link. */
import type { MissionDetail, MissionDocument } from '@spec-kitty/contracts/dashboard/missions'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Mission } from '../repo/mission/handle.ts'
import { ownFiles } from '../repo/project/own-files.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

/** The folders that hold documents; work packages have a view of their own. */
const FOLDERS = ['', 'contracts', 'checklists', 'research', 'decisions']
const TEXT = /\.(?:md|ya?ml|json|txt|csv|sql|proto|graphql)$/i
/** Kept by the program for itself. */
const OWN = new Set(['meta.json', 'status.json', 'lanes.json'])
/** Letters of a document that are shown. */
const MOST = 1_000_000

type Where = Pick<Ports, 'files'>

export function listDocuments({ files }: Where, mission: Mission): MissionDetail['documents'] {
  const own = ownFiles(files, mission.dir)
  return FOLDERS.flatMap(folder => {
    const directory = join(mission.dir, folder)
    return own.list(directory).flatMap(name => {
      const stat =
        TEXT.test(name) && !(folder === '' && OWN.has(name)) ? own.stat(join(directory, name)) : undefined
      const path = folder === '' ? name : `${folder}/${name}`
      return stat?.kind === 'file' ? [{ name: path, bytes: stat.size }] : []
    })
  })
}

/** Throws `invalid_input` for a name that is not listed, `not_utf8`. */
export function readDocument(ports: Where, mission: Mission, name: string): MissionDocument {
  if (!listDocuments(ports, mission).some(document => document.name === name))
    throw new KittyError('invalid_input', `${mission.slug} has no document '${name}'`, {
      hint: sh`See what there is: spec-kitty mission info ${mission.slug}`,
    })
  const text = ownFiles(ports.files, mission.dir).text(join(mission.dir, name)) ?? ''
  return { name, text: text.slice(0, MOST), cut: text.length > MOST }
}
