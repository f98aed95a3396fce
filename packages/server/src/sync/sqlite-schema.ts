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
]
