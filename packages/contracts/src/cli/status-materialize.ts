/** Result of `agent status materialize`: the snapshot. */
export { SnapshotSchema as AgentStatusMaterialize } from '../files/status.ts'
