/** `spec-kitty agent config … --json`. */
import * as v from 'valibot'

const Agents = v.array(v.string())

export const AgentConfigList = v.object({
  /** In the order of the configuration. */
  agents: v.array(v.object({ agent: v.string(), name: v.string(), directory: v.string() })),
  /** Known, but not configured. */
  available: Agents,
  auto_commit: v.boolean(),
  lint_on_edit: v.boolean(),
})
export type AgentConfigList = v.InferOutput<typeof AgentConfigList>

export const AgentConfigStatus = v.object({
  agents: v.array(
    v.object({
      agent: v.string(),
      /** Of its command files, relative to the project. */
      directory: v.string(),
      configured: v.boolean(),
      exists: v.boolean(),
      /** `Missing`: files of a configured agent are not there. `Orphaned`: files of an agent that is not configured. */
      status: v.picklist(['OK', 'Not used', 'Missing', 'Orphaned']),
      /** Paths that `agent config sync` would write. */
      missing: v.array(v.string()),
      /** Ours, but of another version of this program. */
      outdated: v.array(v.string()),
      /** The user's own or edited by him. */
      changed: v.array(v.string()),
    }),
  ),
  /** Links that lead nowhere, left by the Python edition on another machine. */
  broken_links: v.array(v.string()),
  /** True when `agent config sync` would change nothing. */
  in_sync: v.boolean(),
})
export type AgentConfigStatus = v.InferOutput<typeof AgentConfigStatus>

/** Answer of add, remove and sync. */
export const AgentConfigChange = v.object({
  result: v.literal('success'),
  /** Agents this call put into the configuration. */
  added: Agents,
  already_configured: Agents,
  /** Agents this call took out of the configuration. */
  removed: Agents,
  not_configured: Agents,
  /** Configured now, in order. */
  agents: Agents,
  files: v.array(
    v.object({
      /** Relative to the project. */
      path: v.string(),
      /** `kept`: the user wrote or edited it; it was not touched. */
      action: v.picklist(['created', 'updated', 'deleted', 'kept']),
    }),
  ),
  committed: v.boolean(),
})
export type AgentConfigChange = v.InferOutput<typeof AgentConfigChange>

export const AgentConfigSet = v.object({
  result: v.literal('success'),
  key: v.picklist(['auto_commit', 'lint_on_edit']),
  value: v.boolean(),
  changed: v.boolean(),
  committed: v.boolean(),
})
export type AgentConfigSet = v.InferOutput<typeof AgentConfigSet>
