/** Whether an orchestrator is new enough for this contract. */
import { CONTRACT_VERSION } from './envelope.ts'
import { ApiRefusal } from './refusal.ts'

const MIN_PROVIDER = '0.1.0'

/** Throws `CONTRACT_VERSION_MISMATCH` for an orchestrator that is too old or names no version. */
export function contractVersion(provider: string | undefined) {
  if (provider !== undefined && !isAtLeast(provider, MIN_PROVIDER)) {
    throw new ApiRefusal(
      'CONTRACT_VERSION_MISMATCH',
      `Provider version '${provider}' is below the minimum ${MIN_PROVIDER}, or no version at all`,
      {
        provider_version: provider,
        min_supported_provider_version: MIN_PROVIDER,
        api_version: CONTRACT_VERSION,
      },
    )
  }
  return { api_version: CONTRACT_VERSION, min_supported_provider_version: MIN_PROVIDER }
}

/** Compares the numbers; what follows them (`-rc1`, `+build`) does not count. */
function isAtLeast(version: string, minimum: string): boolean {
  const match = /^v?(\d+(?:\.\d+)*)(?:[-+._a-zA-Z].*)?$/.exec(version.trim())
  if (match === null) return false
  const parts = (match[1] ?? '').split('.').map(Number)
  for (const [i, wanted] of minimum.split('.').map(Number).entries()) {
    const part = parts[i] ?? 0
    if (part !== wanted) return part > wanted
  }
  return true
}
