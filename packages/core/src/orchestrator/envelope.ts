/** The form of every answer of the orchestrator API, refusals included. */
import type { OrchestratorFailure } from '@spec-kitty/contracts/cli/orchestrator-api'
import type { Ports } from '../world/ports.ts'
import { refusalOf } from './refusal.ts'

/** Of the contract, not of the program. */
export const CONTRACT_VERSION = '1.5.0'

export interface ApiSuccess<D> {
  readonly contract_version: string
  readonly command: string
  readonly timestamp: string
  readonly correlation_id: string
  readonly success: true
  readonly error_code: null
  readonly data: D
}

export type ApiAnswer<D> = ApiSuccess<D> | OrchestratorFailure

type Stamps = Pick<Ports, 'clock' | 'ids'>

/** Runs one command of the API. Never throws: every failure becomes an envelope. */
export async function answerApi<D extends object>(
  ports: Stamps,
  name: string,
  act: () => Promise<D> | D,
): Promise<ApiAnswer<D>> {
  try {
    const data = await act()
    return { ...head(ports, name), success: true, error_code: null, data }
  } catch (cause) {
    return failApi(ports, name, cause)
  }
}

/** The envelope of a failure; `unknown` names the command of a line that was not understood. */
export function failApi(ports: Stamps, name: string, cause: unknown): OrchestratorFailure {
  const { error_code, data } = refusalOf(cause)
  return { ...head(ports, name), success: false, error_code, data }
}

function head(ports: Stamps, name: string) {
  return {
    contract_version: CONTRACT_VERSION,
    command: `orchestrator-api.${name}`,
    timestamp: ports.clock.now(),
    correlation_id: `corr-${ports.ids.hex(32)}`,
  }
}
