/** `charter status`, `sync`, `context` and `preflight`: read only. A missing charter never stops anybody. */
import type {
  CharterContext,
  CharterPreflight,
  CharterStatus,
  CharterSync,
} from '@spec-kitty/contracts/cli/charter'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { byteLength } from '../../lanes/brief.ts'
import { locateProject } from '../../repo/project/locate.ts'
import { join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import { hashOf } from '../manifest.ts'
import { charterContext, charterSection, directivesOf } from './document.ts'
import { ANSWERS_PATH, CHARTER_PATH } from './write.ts'

type Where = Pick<Ports, 'env' | 'files'>

const MISSING = `There is no charter: ${CHARTER_PATH}`
const REMEDY = sh`spec-kitty charter interview --defaults && spec-kitty charter generate`

function readProjectFile(ports: Where, relative: string): string | undefined {
  return ports.files.text(join(locateProject(ports).root, relative))
}

/** Nothing is derived from the charter, so where there is one it is in step with itself. */
export function charterStatus(ports: Where): CharterStatus {
  const text = readProjectFile(ports, CHARTER_PATH)
  const answers = readProjectFile(ports, ANSWERS_PATH)
  const file = (name: string, content: string | undefined) => ({
    name,
    exists: content !== undefined,
    size_kb: Math.round(byteLength(content ?? '') / 102.4) / 10,
  })
  const common = { synthesis: { generation_state: 'not_used' }, org_layer: null } as const
  if (text === undefined)
    return { result: 'success', charter_sync: { available: false, error: MISSING }, ...common }
  const hash = `sha256:${hashOf(text)}`
  return {
    result: 'success',
    charter_sync: {
      available: true,
      charter_path: CHARTER_PATH,
      status: 'synced',
      current_hash: hash,
      stored_hash: hash,
      last_sync: null,
      library_docs: 0,
      files: [file('charter.md', text), file('interview/answers.yaml', answers)],
    },
    ...common,
  }
}

/** There is nothing to bring in step; it says so. Throws `invalid_input` without a charter. */
export function charterSync(ports: Where): CharterSync {
  if (readProjectFile(ports, CHARTER_PATH) === undefined) {
    throw new KittyError('invalid_input', MISSING, { hint: REMEDY, data: { success: false } })
  }
  return {
    result: 'noop',
    success: true,
    stale_before: false,
    files_written: [],
    extraction_mode: 'none',
    error: null,
    warnings: [],
  }
}

/** The rules for a step, under 2 KB. Every step has the same: there is no first time that would give more. */
export function charterContextFor(
  ports: Where,
  request: { readonly action: string | undefined; readonly include: readonly string[] },
): CharterContext {
  if (request.action === undefined && request.include.length === 0) {
    throw new KittyError('invalid_input', '--action is required unless --include is provided.', {
      hint: sh`spec-kitty charter context --action plan`,
    })
  }
  const file = readProjectFile(ports, CHARTER_PATH)
  const text = file?.trim() === '' ? undefined : file
  const directives = text === undefined ? [] : directivesOf(text)
  const context =
    text === undefined
      ? `${file === undefined ? MISSING : `${CHARTER_PATH} is empty`}. Go on without; the team may write one with ${REMEDY}.`
      : request.include.length === 0
        ? charterContext(text, CHARTER_PATH)
        : request.include.map(wanted => included(text, directives, wanted)).join('\n\n')
  return {
    result: 'success',
    success: true,
    action: request.action ?? null,
    mode: text === undefined ? 'missing' : 'compact',
    first_load: false,
    references_count: 0,
    context,
    text: context,
    directives: directives.map((title, i) => ({
      id: String(i + 1),
      source: 'project' as const,
      title,
      summary: title,
    })),
    project_charter: {
      present: text !== undefined,
      path: CHARTER_PATH,
      bytes: byteLength(text ?? ''),
      hash: text === undefined ? null : `sha256:${hashOf(text)}`,
    },
  }
}

function included(text: string, directives: readonly string[], wanted: string): string {
  const [kind, id = ''] = wanted.split(/:(.*)/s)
  const found =
    kind === 'section'
      ? charterSection(text, id)
      : kind === 'directive'
        ? directives[Number(id) - 1]
        : undefined
  if (found !== undefined) return found
  throw new KittyError('invalid_input', `No charter ${kind ?? ''} found: ${id}`, {
    hint: sh`spec-kitty charter context --include section:policy-summary`,
  })
}

/** Whether there is a charter: advice, never a wall. */
export function charterPreflight(ports: Where): CharterPreflight {
  const present = readProjectFile(ports, CHARTER_PATH) !== undefined
  return {
    passed: present,
    blocked_reason: null,
    checks: [
      {
        name: 'charter_source',
        state: present ? 'fresh' : 'missing',
        detail: present ? `${CHARTER_PATH} is there` : MISSING,
        remediation: present ? null : REMEDY,
      },
    ],
    auto_refresh_applied: false,
    auto_refresh_actions: [],
  }
}
