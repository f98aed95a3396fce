/** What an orchestrator must declare about the agent it lets loose. Pure. */
import { isArray, isObject, type Json, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { ApiRefusal } from './refusal.ts'

const TEXTS = [
  'orchestrator_id',
  'orchestrator_version',
  'agent_family',
  'approval_mode',
  'sandbox_mode',
  'network_mode',
] as const

/** The log is public once it is pushed. */
const SECRET = /token|secret|key|password|credential/i

const RUN_LANES: ReadonlySet<string> = new Set<Lane>([
  'claimed',
  'in_progress',
  'for_review',
  'in_review',
  'approved',
])

/** True for the lanes that an agent's run brings about: whoever moves there says under which policy. */
export function needsPolicy(lane: string): boolean {
  return RUN_LANES.has(lane)
}

/** The declaration as the events keep it. Throws `POLICY_METADATA_REQUIRED`, `POLICY_VALIDATION_FAILED`. */
export function requirePolicy(text: string | undefined): JsonObject {
  const policy = readPolicy(text)
  if (policy !== undefined) return policy
  throw new ApiRefusal('POLICY_METADATA_REQUIRED', '--policy is required for this command', {
    hint: sh`Pass a JSON object with ${listed(TEXTS)} and dangerous_flags`,
  })
}

/** The same where a declaration may be left out. */
export function readPolicy(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  const value = parse(text)
  for (const name of TEXTS) {
    if (typeof value[name] !== 'string') throw invalid(`'${name}' must be a text`)
  }
  const flags = value.dangerous_flags
  if (!isArray(flags) || flags.some(flag => typeof flag !== 'string')) {
    throw invalid("'dangerous_flags' must be a list of texts")
  }
  const restrictions = value.tool_restrictions ?? null
  if (restrictions !== null && typeof restrictions !== 'string') {
    throw invalid("'tool_restrictions' must be a text or left out")
  }
  const secret = findSecret(value, '')
  if (secret !== undefined) throw invalid(`'${secret}' looks like a secret; the log is no place for it`)
  return { ...value, tool_restrictions: restrictions }
}

function parse(text: string): JsonObject {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw invalid(`--policy is no JSON: ${cause instanceof Error ? cause.message : text}`)
  }
  if (isObject(value)) return value
  throw invalid('--policy must be a JSON object')
}

/** Path of the first text that names a secret, at any depth. */
function findSecret(value: Json, path: string): string | undefined {
  if (typeof value === 'string') return SECRET.test(value) ? path : undefined
  if (value === null || typeof value !== 'object') return undefined
  for (const [name, inner] of Object.entries(value)) {
    const found = findSecret(inner, path === '' ? name : `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}

function invalid(message: string): ApiRefusal {
  return new ApiRefusal('POLICY_VALIDATION_FAILED', `Policy: ${message}`)
}
