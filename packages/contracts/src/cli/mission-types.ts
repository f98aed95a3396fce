/** `mission-type list --json` and `mission-type show --json` (docs/missions.md). */
import * as v from 'valibot'

export const MissionTypeList = v.array(
  v.object({
    id: v.string(),
    source_layer: v.string(),
    display_name: v.string(),
    action_sequence: v.array(v.string()),
  }),
)
export type MissionTypeList = v.InferOutput<typeof MissionTypeList>

export const MissionTypeShow = v.object({
  id: v.string(),
  display_name: v.string(),
  description: v.string(),
  action_sequence: v.array(v.string()),
  governance_refs: v.array(v.string()),
  template_set: v.nullable(v.object({ spec: v.string(), plan: v.string() })),
  source_layer: v.string(),
  extends: v.null(),
  /** What `next` walks. */
  steps: v.array(
    v.object({
      id: v.string(),
      title: v.string(),
      artefact: v.optional(v.string()),
      board: v.optional(v.string()),
    }),
  ),
})
export type MissionTypeShow = v.InferOutput<typeof MissionTypeShow>
