/** /api/*: identity, events, documents, shares (docs/sync.md). Every route needs a login. */
import { createHash } from 'node:crypto'
import { formatMicros } from '@spec-kitty/contracts/time'
import {
  DEFAULT_LIMITS,
  MAX_DOCUMENT_BYTES,
  PushContent,
  RepositoryShare,
} from '@spec-kitty/contracts/wire/batch'
import { Hono } from 'hono'
import * as v from 'valibot'
import type { OverQuota, Principal, Share } from '../store/store.ts'
import { issueWsToken } from './auth.ts'
import { readJson, readParts } from './body.ts'
import {
  type AppContext,
  type AppDeps,
  type AppEnv,
  addressOf,
  bodyOf,
  originOf,
  refuseBody,
  requireLogin,
} from './http.ts'
import { ingest } from './judging.ts'
import { createTurns } from './turns.ts'

/** Path of the realtime channel. */
export const REALTIME_PATH = '/ws/v1/events/'

const SMALL_BODY = 16_384

export function apiRoutes(deps: AppDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>()
  routes.use('*', requireLogin(deps))
  routes.get('/v1/me', context => me(context))
  routes.get('/v1/session-status', context =>
    context.json({ session_id: context.var.principal.session, status: 'active' }),
  )
  routes.post('/v1/ws-token', context => wsToken(deps, context))
  routes.get('/v1/sync/health/', context =>
    withTeam(context, async () => context.json({ status: 'ok', sync_ingress: { limits: DEFAULT_LIMITS } })),
  )
  routes.post('/v1/events/batch/', context => withTeam(context, team => batch(deps, context, team)))
  routes.get('/v1/events/', context => withTeam(context, team => readEvents(deps, context, team)))
  routes.post('/dossier/push-content/', context => pushContent(deps, context))
  routes.get('/v1/sync/repository-shares/', context => listShares(deps, context))
  routes.post('/v1/sync/repository-shares/', context => changeShare(deps, context, 'add'))
  routes.post('/v1/sync/repository-shares/leave/', context => changeShare(deps, context, 'leave'))
  routes.post('/v1/sync/projects/:uuid/forget-private/', context => forget(deps, context))
  return routes
}

function privateTeam(principal: Principal): string | undefined {
  return principal.teams.find(team => team.private)?.team
}

/** The team named by X-Team-Slug, else the private one; only teams of the caller. */
async function withTeam(context: AppContext, use: (team: string) => Promise<Response>): Promise<Response> {
  const { principal } = context.var
  const named = context.req.header('x-team-slug')
  if (named !== undefined) {
    const member = principal.teams.some(team => team.team === named)
    return member ? await use(named) : context.json({ error: 'not_a_team_member' }, 403)
  }
  const own = privateTeam(principal)
  return own === undefined
    ? context.json({ error: 'direct_ingress_missing_private_team' }, 403)
    : await use(own)
}

function me(context: AppContext): Response {
  const { user, teams, session } = context.var.principal
  return context.json({
    user_id: user.id,
    email: user.email,
    name: user.name,
    teams: teams.map(team => ({
      id: team.team,
      name: team.title,
      role: team.role,
      is_private_teamspace: team.private,
    })),
    session_id: session,
  })
}

async function wsToken(deps: AppDeps, context: AppContext): Promise<Response> {
  const body = await readJson(bodyOf(context), SMALL_BODY)
  if ('problem' in body) return refuseBody(context, body.problem)
  const asked = v.safeParse(v.looseObject({ team_id: v.string() }), body.value)
  if (!asked.success) return context.json({ error: 'team_id is missing' }, 400)
  const { principal } = context.var
  const team = asked.output.team_id
  if (!principal.teams.some(each => each.team === team))
    return context.json({ error: 'not_a_team_member' }, 403)
  const { token, expiresIn } = await issueWsToken(deps, principal, team)
  return context.json({
    ws_token: token,
    ws_url: originOf(deps, context).replace(/^http/, 'ws') + REALTIME_PATH,
    expires_in: expiresIn,
    session_id: principal.session,
  })
}

/** Of larger batches so many are read and judged at a time, and written, so that any number of clients needs no more memory. */
const LARGE_BATCH_BYTES = 131_072
const reading = createTurns(2, 2000)
const writing = createTurns(2, 2000)

async function batch(deps: AppDeps, context: AppContext, team: string): Promise<Response> {
  const sent = Number(context.req.header('content-length') ?? Number.POSITIVE_INFINITY)
  // Events shrink to about a tenth.
  const size = context.req.header('content-encoding') === undefined ? sent : sent * 10
  if (size < LARGE_BATCH_BYTES) return await takeBatch(deps, context, team, async () => {})
  const endReading = await reading.take()
  let endWriting = (): void => {}
  try {
    return await takeBatch(deps, context, team, async () => {
      endWriting = await writing.take()
      endReading()
    })
  } finally {
    endReading()
    endWriting()
  }
}

/** `whenJudged` is called before it is written. */
async function takeBatch(
  deps: AppDeps,
  context: AppContext,
  team: string,
  whenJudged: () => Promise<void>,
): Promise<Response> {
  const body = await readParts(bodyOf(context), DEFAULT_LIMITS.max_decompressed_bytes_per_batch)
  if ('problem' in body) return refuseBody(context, body.problem)
  const judged = await deps.judge(body.value, team, formatMicros(deps.clock.now() * 1000))
  await whenJudged()
  if ('problem' in judged) {
    if (judged.problem === 'bad_shape')
      return context.json({ error: 'The body must be {"events": [...]}.' }, 400)
    if (judged.problem === 'empty') return context.json({ error: 'No events provided' }, 400)
    return refuseBody(context, judged.problem)
  }
  const { user, session } = context.var.principal
  const outcome = await ingest(deps.store, team, judged, { user: user.id, session })
  if (outcome.kind === 'taken') {
    deps.metrics?.events(outcome.counts)
    context.header('content-type', 'application/json')
    return context.body(outcome.answer)
  }
  return refuseQuota(context, outcome, team)
}

function refuseQuota(context: AppContext, { owner, limit, what }: OverQuota, team: string): Response {
  const whose = owner.startsWith('user:') ? 'you have' : `team ${team} has`
  const message = `The server keeps at most ${limit} ${what}, and ${whose} reached that.`
  return context.json({ error: 'quota_exceeded', message }, 507)
}

/** Of one answer; the client reads no more than twice as much. */
const PAGE = { rows: 500, bytes: 1_048_576 }

async function readEvents(deps: AppDeps, context: AppContext, team: string): Promise<Response> {
  const after = Number(context.req.query('after') ?? 0)
  const limit = Number(context.req.query('limit') ?? PAGE.rows)
  if (!Number.isSafeInteger(after) || !Number.isSafeInteger(limit) || limit < 1)
    return context.json({ error: 'after and limit must be whole numbers' }, 400)
  const rows = await deps.store.events(team, after, { ...PAGE, rows: Math.min(limit, PAGE.rows) })
  // The body is JSON already: not read to be written again.
  const events = rows.map(({ seq, receivedAt, sender, body }) => {
    const head = JSON.stringify({ seq, received_at: receivedAt, sender })
    return `${head.slice(0, -1)},"event":${body}}`
  })
  context.header('content-type', 'application/json')
  return context.body(`{"events":[${events.join(',')}],"next":${rows.at(-1)?.seq ?? after}}`)
}

/** The JSON text of the largest document may be twice its size: quotes and line ends are escaped. */
async function pushContent(deps: AppDeps, context: AppContext): Promise<Response> {
  const body = await readJson(bodyOf(context), 2 * MAX_DOCUMENT_BYTES + SMALL_BODY)
  if ('problem' in body) return refuseBody(context, body.problem)
  const asked = v.safeParse(PushContent, body.value)
  if (!asked.success) return context.json({ error: 'invalid_document', detail: asked.issues[0].message }, 400)
  const { content_body: content, content_hash: hash, ...identity } = asked.output
  if (Buffer.byteLength(content) > MAX_DOCUMENT_BYTES)
    return context.json({ error: 'document_too_large' }, 413)
  if (createHash('sha256').update(content).digest('hex') !== hash.toLowerCase())
    return context.json({ error: 'content_hash_mismatch' }, 400)
  const team = privateTeam(context.var.principal)
  if (team === undefined) return context.json({ error: 'direct_ingress_missing_private_team' }, 403)
  const key = JSON.stringify([
    identity.mission_slug,
    identity.target_branch,
    identity.mission_type,
    identity.manifest_version,
    identity.artifact_path,
  ])
  const project = identity.project_uuid.toLowerCase()
  const { user, session } = context.var.principal
  const outcome = await deps.store.putDocument(
    team,
    { project, key, hash, content },
    formatMicros(deps.clock.now() * 1000),
    { user: user.id, session },
  )
  if (outcome.kind === 'over_quota') return refuseQuota(context, outcome, team)
  if (outcome.kind === 'stored') return context.json({ status: 'stored' }, 201)
  return context.json({ status: 'already_exists' })
}

/** A share in the words of our own contract and in those that the Python edition shows. */
function describeShare(context: AppContext, share: Share, state: string, sharers: number) {
  const team = context.var.principal.teams.find(each => each.team === share.destination)
  return {
    source_project_uuid: share.project,
    destination_team_slug: share.destination,
    state,
    team: { slug: share.destination, name: team?.title ?? share.destination },
    active_sharer_count: sharers,
  }
}

async function listShares(deps: AppDeps, context: AppContext): Promise<Response> {
  const team = privateTeam(context.var.principal)
  const project = context.req.query('source_project_uuid')?.toLowerCase()
  const shares = team === undefined ? [] : await deps.store.shares(team, project)
  const results = shares.map(share => describeShare(context, share, 'active', share.sharers))
  return context.json({ results })
}

async function changeShare(deps: AppDeps, context: AppContext, how: 'add' | 'leave'): Promise<Response> {
  const body = await readJson(bodyOf(context), SMALL_BODY)
  if ('problem' in body) return refuseBody(context, body.problem)
  const asked = v.safeParse(RepositoryShare, body.value)
  if (!asked.success)
    return context.json({ error: 'source_project_uuid and destination_team_slug are needed' }, 400)
  const { principal } = context.var
  const source = privateTeam(principal)
  const destination = asked.output.destination_team_slug
  // The same answer for a team that does not exist: who is no member learns nothing.
  if (source === undefined || !principal.teams.some(team => team.team === destination))
    return context.json({ error: 'not_a_team_member' }, 403)
  const share = { source, project: asked.output.source_project_uuid.toLowerCase(), destination }
  const sharers = async (): Promise<number> => {
    const shares = await deps.store.shares(source, share.project)
    return shares.find(each => each.destination === destination)?.sharers ?? 0
  }
  const note = (action: string): Promise<void> =>
    deps.note(principal.user.name, action, `${share.project} ${destination}`, addressOf(deps, context))
  if (how === 'add') {
    await deps.store.addShare(share)
    await note('share')
    const described = describeShare(context, share, 'active', await sharers())
    return context.json({ ...described, share: described, auto_approved: true }, 201)
  }
  const before = await sharers()
  const left = await deps.store.removeShare(share)
  if (left) await note('unshare')
  const state = left ? 'left' : 'not_shared'
  return context.json(describeShare(context, share, state, Math.max(0, before - 1)))
}

async function forget(deps: AppDeps, context: AppContext): Promise<Response> {
  const { principal } = context.var
  const team = privateTeam(principal)
  if (team === undefined) return context.json({ error: 'direct_ingress_missing_private_team' }, 403)
  const project = (context.req.param('uuid') ?? '').toLowerCase()
  const deleted = await deps.store.forget(team, project)
  await deps.note(principal.user.name, 'forget', project, addressOf(deps, context))
  return context.json({ project_uuid: project, events_deleted: deleted })
}
