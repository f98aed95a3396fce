/** `spec-kitty agent action implement --json`: the claimed workspace and what the agent is to do in it. */
import * as v from 'valibot'
import { Implement } from './implement.ts'

export const AgentActionImplement = v.object({
  ...Implement.entries,
  agent: v.string(),
  /** Absolute path of the directory to work in. */
  workspace_dir: v.string(),
  wp_file: v.string(),
  subtasks: v.array(v.string()),
  dependencies: v.array(v.string()),
  /** True when a review sent the work back. */
  fix_mode: v.boolean(),
  prompt: v.string(),
})
export type AgentActionImplement = v.InferOutput<typeof AgentActionImplement>
