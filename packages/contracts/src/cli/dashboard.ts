/** `spec-kitty dashboard --json` (the registry of 3.2.0), and what starting, stopping and `--out` answer. */
import * as v from 'valibot'
import { DashboardRegistry } from '../dashboard/legacy.ts'

const Running = v.object({
  /** `foreground`: it runs in this very process. */
  result: v.picklist(['started', 'already_running', 'foreground']),
  /** The address that lets a browser in. */
  url: v.string(),
  port: v.number(),
  pid: v.number(),
  project_path: v.string(),
})

const Stopped = v.object({
  result: v.picklist(['stopped', 'none', 'was_stopped']),
  port: v.nullable(v.number()),
})

const Written = v.object({ result: v.literal('written'), path: v.string(), bytes: v.number() })

export const Dashboard = v.union([DashboardRegistry, Running, Stopped, Written])
export type Dashboard = v.InferOutput<typeof Dashboard>
