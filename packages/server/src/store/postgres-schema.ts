/** The schema on PostgreSQL as a list of steps. Steps are never edited, only added. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type postgres from 'postgres'

const STEPS: readonly string[] = [
  `CREATE TABLE users (
     id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, email TEXT NOT NULL, password_hash TEXT NOT NULL,
     disabled_at TEXT, subject TEXT UNIQUE
   );
   CREATE TABLE teams (id TEXT PRIMARY KEY, title TEXT NOT NULL, private INTEGER NOT NULL);
   CREATE TABLE members (
     team TEXT NOT NULL REFERENCES teams, "user" TEXT NOT NULL REFERENCES users, role TEXT NOT NULL,
     PRIMARY KEY (team, "user")
   );
   CREATE INDEX members_by_user ON members ("user");
   CREATE TABLE sessions (
     id TEXT PRIMARY KEY, "user" TEXT NOT NULL REFERENCES users, generation INTEGER NOT NULL,
     created_at BIGINT NOT NULL, last_used_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
     ends_at BIGINT NOT NULL, address TEXT NOT NULL
   );
   CREATE INDEX sessions_by_user ON sessions ("user");
   CREATE TABLE refresh_tokens (
     hash TEXT PRIMARY KEY, session TEXT NOT NULL, generation INTEGER NOT NULL, state TEXT NOT NULL
   );
   CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session);
   CREATE TABLE grants (
     kind TEXT NOT NULL, hash TEXT NOT NULL, expires_at BIGINT NOT NULL, session TEXT, data TEXT NOT NULL,
     PRIMARY KEY (kind, hash)
   );
   CREATE INDEX grants_by_session ON grants (session);
   CREATE INDEX grants_by_end ON grants (expires_at);
   CREATE TABLE events (
     seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, team TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
     project TEXT NOT NULL, timestamp TEXT NOT NULL, received_at TEXT NOT NULL, "user" TEXT, session TEXT,
     bytes BIGINT NOT NULL, body TEXT NOT NULL, UNIQUE (team, id)
   );
   CREATE INDEX events_by_seq ON events (team, seq);
   CREATE INDEX events_by_project ON events (team, project, seq);
   CREATE INDEX events_by_age ON events (team, received_at);
   CREATE TABLE work_packages (
     team TEXT NOT NULL, project TEXT NOT NULL, mission TEXT NOT NULL, wp TEXT NOT NULL, lane TEXT NOT NULL,
     updated_at TEXT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (team, project, mission, wp)
   );
   CREATE INDEX work_packages_by_project ON work_packages (project, mission, wp);
   CREATE TABLE documents (
     team TEXT NOT NULL, project TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, content TEXT NOT NULL,
     received_at TEXT NOT NULL, PRIMARY KEY (team, project, key)
   );
   CREATE TABLE shares (
     source TEXT NOT NULL, project TEXT NOT NULL, destination TEXT NOT NULL,
     PRIMARY KEY (source, project, destination)
   );
   CREATE INDEX shares_by_destination ON shares (destination, project);
   CREATE TABLE stored (owner TEXT PRIMARY KEY, events BIGINT NOT NULL, bytes BIGINT NOT NULL);
   CREATE TABLE limits (owner TEXT PRIMARY KEY, max_events BIGINT, max_bytes BIGINT, keep_days BIGINT);
   CREATE TABLE attempts (key TEXT PRIMARY KEY, count BIGINT NOT NULL, until BIGINT NOT NULL);
   CREATE INDEX attempts_by_end ON attempts (until);
   CREATE TABLE audit (
     id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL,
     action TEXT NOT NULL, subject TEXT NOT NULL, address TEXT NOT NULL
   )`,
  // Documents count towards quotas. Retention reads events by their number.
  `ALTER TABLE documents ADD COLUMN "user" TEXT;
   ALTER TABLE documents ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
   UPDATE documents SET bytes = OCTET_LENGTH(content), "user" = (SELECT m."user" FROM members m
     JOIN teams t ON t.id = m.team WHERE m.team = documents.team AND t.private = 1 LIMIT 1);
   INSERT INTO stored SELECT 'team:' || team, 0, SUM(bytes) FROM documents WHERE 1 = 1 GROUP BY team
     ON CONFLICT (owner) DO UPDATE SET bytes = stored.bytes + excluded.bytes;
   INSERT INTO stored SELECT 'user:' || "user", 0, SUM(bytes) FROM documents WHERE "user" IS NOT NULL GROUP BY "user"
     ON CONFLICT (owner) DO UPDATE SET bytes = stored.bytes + excluded.bytes;
   DROP INDEX events_by_age`,
]

const LOCK = 727_272

/** Does the steps that are missing, one server at a time. Text is ordered by its bytes, whatever the locale. */
export async function migratePostgres(sql: postgres.Sql): Promise<void> {
  await sql.begin(async transaction => {
    await transaction.unsafe(`SELECT pg_advisory_xact_lock(${LOCK})`)
    await transaction.unsafe('CREATE TABLE IF NOT EXISTS spec_kitty_schema (version INTEGER NOT NULL)')
    const [row] = await transaction.unsafe('SELECT version FROM spec_kitty_schema')
    const have = Number(row?.version ?? 0)
    if (have > STEPS.length)
      throw new KittyError('schema_too_new', `The database was written by a newer server (schema ${have}).`, {
        hint: sh`Run the newer program, or give another --database.`,
      })
    if (have === STEPS.length) return
    for (const step of STEPS.slice(have))
      await transaction.unsafe(step.replace(/\bTEXT\b/g, 'TEXT COLLATE "C"'))
    await transaction.unsafe('DELETE FROM spec_kitty_schema')
    await transaction.unsafe(`INSERT INTO spec_kitty_schema (version) VALUES (${STEPS.length})`)
  })
}
