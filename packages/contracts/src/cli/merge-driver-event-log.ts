/** Result of `merge-driver-event-log`. */
import * as v from 'valibot'

export const MergeDriverEventLog = v.strictObject({ path: v.string(), rows: v.number() })
export type MergeDriverEventLog = v.InferOutput<typeof MergeDriverEventLog>
