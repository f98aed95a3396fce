/** A valid event as a client sends it. */

const EVENT = {
  event_id: '01M84XCG40QJQ9XH0CGA99SM9V',
  event_type: 'WPStatusChanged',
  aggregate_id: 'WP01',
  aggregate_type: 'WorkPackage',
  schema_version: '3.0.0',
  build_id: '15532b79-1ce9-4303-beae-be5ef459fb77',
  payload: {
    mission_slug: 'demo-01KQW4DF',
    wp_id: 'WP01',
    from_lane: 'planned',
    to_lane: 'claimed',
    actor: 'claude',
    execution_mode: 'worktree',
  } as object,
  node_id: 'b805cd5cee74',
  lamport_clock: 6,
  causation_id: null,
  correlation_id: '01M84XCG40QJQ9XH0CGA99SM9V',
  timestamp: '2026-11-23T19:16:05.884454+00:00',
  project_uuid: 'c73079ee-67c5-4b7e-9ce5-aa35d02eb116',
  project_slug: 'p1',
  git_branch: 'main',
  head_commit_sha: 'a'.repeat(40),
  repo_slug: null,
}

/** With changed or further fields, which may be wrong. */
export function wireEvent(change: Readonly<Record<string, unknown>> = {}): typeof EVENT {
  return { ...EVENT, ...change } as typeof EVENT
}
