/** The database schema as a list of steps; `user_version` counts those done. Steps are never edited, only added. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE users (
     id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, email TEXT NOT NULL, password_hash TEXT NOT NULL
   ) STRICT;
   CREATE TABLE teams (id TEXT PRIMARY KEY, title TEXT NOT NULL, private INTEGER NOT NULL) STRICT;
   CREATE TABLE members (
     team TEXT NOT NULL REFERENCES teams, user TEXT NOT NULL REFERENCES users, role TEXT NOT NULL,
     PRIMARY KEY (team, user)
   ) STRICT;
   CREATE INDEX members_by_user ON members (user);
   CREATE TABLE sessions (
     id TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users, refresh_hash TEXT NOT NULL UNIQUE,
     previous_hash TEXT UNIQUE, rotated_at INTEGER, generation INTEGER NOT NULL, expires_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE grants (
     kind TEXT NOT NULL, hash TEXT NOT NULL, expires_at INTEGER NOT NULL, session TEXT, data TEXT NOT NULL,
     PRIMARY KEY (kind, hash)
   ) STRICT;
   CREATE INDEX grants_by_session ON grants (session);
   CREATE TABLE events (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, team TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
     project TEXT NOT NULL, timestamp TEXT NOT NULL, received_at TEXT NOT NULL, body TEXT NOT NULL,
     UNIQUE (team, id)
   ) STRICT;
   CREATE INDEX events_by_project ON events (team, project);
   CREATE TABLE work_packages (
     team TEXT NOT NULL, project TEXT NOT NULL, mission TEXT NOT NULL, wp TEXT NOT NULL, lane TEXT NOT NULL,
     updated_at TEXT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (team, project, mission, wp)
   ) STRICT;
   CREATE TABLE documents (
     team TEXT NOT NULL, project TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, content TEXT NOT NULL,
     received_at TEXT NOT NULL, PRIMARY KEY (team, project, key)
   ) STRICT;
   CREATE TABLE shares (
     source TEXT NOT NULL, project TEXT NOT NULL, destination TEXT NOT NULL,
     PRIMARY KEY (source, project, destination)
   ) STRICT`,
  // Sessions know all their tokens; events their sender and size; what a team may keep; brakes; the audit.
  `ALTER TABLE users ADD COLUMN disabled_at TEXT;
   ALTER TABLE users ADD COLUMN subject TEXT;
   CREATE UNIQUE INDEX users_by_subject ON users (subject);

   CREATE TABLE refresh_tokens (
     hash TEXT PRIMARY KEY, session TEXT NOT NULL, generation INTEGER NOT NULL, state TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session);
   INSERT INTO refresh_tokens SELECT refresh_hash, id, generation, 'current' FROM sessions;
   INSERT INTO refresh_tokens SELECT previous_hash, id, generation - 1, 'used' FROM sessions
     WHERE previous_hash IS NOT NULL;
   CREATE TABLE new_sessions (
     id TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users, generation INTEGER NOT NULL,
     created_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     ends_at INTEGER NOT NULL, address TEXT NOT NULL
   ) STRICT;
   INSERT INTO new_sessions SELECT id, user, generation, COALESCE(rotated_at, expires_at - 7776000000),
     COALESCE(rotated_at, expires_at - 7776000000), expires_at, expires_at + 23760000000, '' FROM sessions;
   DROP TABLE sessions;
   ALTER TABLE new_sessions RENAME TO sessions;
   CREATE INDEX sessions_by_user ON sessions (user);

   CREATE TABLE new_events (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, team TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
     project TEXT NOT NULL, timestamp TEXT NOT NULL, received_at TEXT NOT NULL, user TEXT, session TEXT,
     bytes INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (team, id)
   ) STRICT;
   INSERT INTO new_events SELECT seq, team, id, type, project, timestamp, received_at, NULL, NULL,
     LENGTH(CAST(body AS BLOB)), body FROM events ORDER BY seq;
   DROP TABLE events;
   ALTER TABLE new_events RENAME TO events;
   CREATE INDEX events_by_seq ON events (team, seq);
   CREATE INDEX events_by_project ON events (team, project, seq);
   CREATE INDEX events_by_age ON events (team, received_at);

   CREATE INDEX work_packages_by_project ON work_packages (project, mission, wp);
   CREATE INDEX shares_by_destination ON shares (destination, project);

   CREATE TABLE stored (
     owner TEXT PRIMARY KEY, events INTEGER NOT NULL, bytes INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   INSERT INTO stored SELECT 'team:' || team, COUNT(*), SUM(bytes) FROM events GROUP BY team;
   CREATE TABLE limits (
     owner TEXT PRIMARY KEY, max_events INTEGER, max_bytes INTEGER, keep_days INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE attempts (
     key TEXT PRIMARY KEY, count INTEGER NOT NULL, until INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX attempts_by_end ON attempts (until);
   CREATE INDEX grants_by_end ON grants (expires_at);
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
     subject TEXT NOT NULL, address TEXT NOT NULL
   ) STRICT`,
  // Documents count towards quotas. Retention reads events by their number.
  `ALTER TABLE documents ADD COLUMN user TEXT;
   ALTER TABLE documents ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
   UPDATE documents SET bytes = LENGTH(CAST(content AS BLOB)), user = (SELECT m.user FROM members m
     JOIN teams t ON t.id = m.team WHERE m.team = documents.team AND t.private = 1 LIMIT 1);
   INSERT INTO stored SELECT 'team:' || team, 0, SUM(bytes) FROM documents WHERE 1 = 1 GROUP BY team
     ON CONFLICT (owner) DO UPDATE SET bytes = stored.bytes + excluded.bytes;
   INSERT INTO stored SELECT 'user:' || user, 0, SUM(bytes) FROM documents WHERE user IS NOT NULL GROUP BY user
     ON CONFLICT (owner) DO UPDATE SET bytes = stored.bytes + excluded.bytes;
   DROP INDEX events_by_age`,
]
