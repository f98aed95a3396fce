/** Which paths a work package may touch (docs/lanes.md, docs/missions.md). Pure. */
import { isArray, isObject, type JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { isLiteral, normalise, overlaps, parseGlob } from '../lanes/overlap.ts'
import type { Problem } from '../mission/problems.ts'
import { wordList, wordOf } from './lists.ts'

export interface Ownership {
  readonly id: string
  readonly mode: 'code_change' | 'planning_artifact'
  readonly owned: readonly string[]
  /** The folder that is its centre; empty when it owns nothing. */
  readonly surface: string
  readonly createIntent: readonly string[]
  /** Works everywhere on purpose: exempt from all checks. */
  readonly codebaseWide: boolean
  /** The front matter did not say what it owns. */
  readonly inferred: boolean
}

/** What the front matter says; what it leaves out is inferred. An explicit empty list is respected. */
export function readOwnership(id: string, fields: JsonObject, body: string): Ownership {
  const surface = wordOf(fields.authoritative_surface)
  const explicit =
    isArray(fields.owned_files) || isObject(fields.owned_files) || wordOf(fields.owned_files) !== undefined
  const owned = explicit ? wordList(fields.owned_files).read : inferOwned(surface, body)
  return {
    id,
    mode: fields.execution_mode === 'planning_artifact' ? 'planning_artifact' : 'code_change',
    owned,
    surface: surface ?? folderOf(owned[0] ?? ''),
    createIntent: wordList(fields.create_intent).read.map(normalise),
    codebaseWide: fields.scope === 'codebase-wide',
    inferred: !explicit,
  }
}

/** The surface; else the folders of the paths that the text names in backticks; else all sources. */
function inferOwned(surface: string | undefined, body: string): readonly string[] {
  if (surface !== undefined) return [`${normalise(surface)}/**`]
  const named = [...body.matchAll(/`((?:[\w.-]+\/)+[\w.-]+)`/g)].map(match => `${folderOf(match[1] ?? '')}**`)
  const folders = [...new Set(named)].filter(glob => !glob.startsWith('kitty-specs/'))
  return folders.length > 0 ? folders : ['src/**']
}

/** The part of a pattern before its first wildcard, up to the last slash: `src/a/**` → `src/a/`. */
function folderOf(pattern: string): string {
  const fixed = normalise(pattern).split(/[*?[{(!]/)[0] ?? ''
  return fixed.slice(0, fixed.lastIndexOf('/') + 1)
}

/** All problems of ownership, in the order of the Python edition's checks. `exists` knows the paths of the checkout. */
export function ownershipProblems(
  packages: readonly Ownership[],
  exists: (path: string) => boolean,
): readonly Problem[] {
  return [
    ...missionFiles(packages),
    ...overlapsAndSurfaces(packages.filter(item => !item.codebaseWide)),
    ...missingPaths(
      packages.filter(item => !item.codebaseWide),
      exists,
    ),
  ]
}

function missionFiles(packages: readonly Ownership[]): readonly Problem[] {
  const invalid = packages.flatMap(({ id, owned }) =>
    owned.filter(path => /^kitty-specs(?:\/|$)/.test(normalise(path))).map(path => ({ wp_id: id, path })),
  )
  if (invalid.length === 0) return []
  const named = invalid.map(({ wp_id, path }) => `${wp_id} owns ${path}`).join(', ')
  return [
    {
      code: 'owned_mission_files',
      message: `Work packages cannot own files of missions: ${named}`,
      hint: sh`Take these lines out of owned_files: files under kitty-specs/ belong to the commands`,
      data: {
        error: 'WP owned_files cannot include paths under kitty-specs/',
        error_code: 'INVALID_WP_OWNED_FILES_KITTY_SPECS',
        invalid_owned_files: invalid,
      },
    },
  ]
}

function overlapsAndSurfaces(packages: readonly Ownership[]): readonly Problem[] {
  const overlapping = packages.flatMap((a, i) => packages.slice(i + 1).flatMap(b => overlapOf(a, b)))
  const astray = packages.filter(item => !surfaceFits(item))
  const data = {
    error: 'Ownership validation failed',
    ownership_errors: [
      ...overlapping.map(({ text }) => text),
      ...astray.map(
        item =>
          `${item.id}: authoritative_surface '${item.surface}' is not a prefix of any owned_files entry: [${item.owned
            .map(path => `'${path}'`)
            .join(', ')}]`,
      ),
    ],
  }
  return [
    ...overlapping.map(({ text, a, b }) => ({
      code: 'ownership_overlap',
      message: text,
      hint: sh`Give the path to one of them in owned_files, or write "scope: codebase-wide" into ${b} if it must follow ${a} everywhere`,
      data,
    })),
    ...astray.map(item => ({
      code: 'surface_outside_ownership',
      message: `${item.id}: authoritative_surface '${item.surface}' lies outside its owned_files`,
      hint: sh`Write ${`authoritative_surface: ${folderOf(item.owned[0] ?? '') || (item.owned[0] ?? '')}`} into the front matter of ${item.id}`,
      data,
    })),
  ]
}

function overlapOf(a: Ownership, b: Ownership): { text: string; a: string; b: string }[] {
  for (const left of a.owned) {
    for (const right of b.owned) {
      if (!overlaps(parseGlob(left), parseGlob(right))) continue
      const text = `Overlap: ${a.id} ('${left}') and ${b.id} ('${right}') claim overlapping paths.`
      return [{ text, a: a.id, b: b.id }]
    }
  }
  return []
}

function surfaceFits({ surface, owned }: Ownership): boolean {
  const clean = normalise(surface)
  return owned.length === 0 || clean === '' || owned.some(path => normalise(path).startsWith(clean))
}

function missingPaths(packages: readonly Ownership[], exists: (path: string) => boolean): readonly Problem[] {
  const absent = packages.flatMap(({ id, owned, createIntent }) =>
    owned
      .map(normalise)
      .filter(path => isLiteral(path) && !createIntent.includes(path) && !exists(path))
      .map(path => ({ id, path })),
  )
  const line = (path: string): string => `create_intent:\n- ${path}`
  const data = {
    error:
      "Ownership validation failed: literal-path owned_files entries match zero files. Fix the paths or add them to 'create_intent'.",
    ownership_literal_path_errors: absent.map(
      ({ id, path }) =>
        `${id}: owned_files path '${path}' is a literal file path that matches zero files in the repository. If this file will be created during implementation, declare it in the WP frontmatter:\n${line(path)}`,
    ),
  }
  return absent.map(({ id, path }) => ({
    code: 'owned_path_missing',
    message: `${id} owns '${path}', which does not exist`,
    hint: sh`Mend the path, or if ${id} makes the file write into its front matter:\ncreate_intent:\n- ${path}`,
    data,
  }))
}
