/** The codes of the one line that sync may say after a local success (ADR 0009): stable, scripts read them. */
export const SYNC_DIAGNOSTIC_CODES = [
  'sync.final_sync_lock_unavailable',
  'sync.auth_refresh_in_progress',
  'sync.websocket_offline',
  'sync.event_loop_unavailable',
  'sync.server_auth_failure',
] as const
