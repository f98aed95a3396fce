/** The own tool of a forge, where one is on PATH. Nothing here is needed to land. */
import type { PullRequest } from '@spec-kitty/contracts/files/landing'
import { isObject, parseObject } from '@spec-kitty/contracts/json'
import { readPullRequest } from '../repo/mission/landing.ts'
import type { Ports } from '../world/ports.ts'
import { type Forge, isFork, ownerOf, type Route } from './address.ts'

/** How long a tool of a forge may take. */
const PATIENCE_MS = 60_000
/** Characters of what it says. */
const LONGEST_ANSWER = 16 * 1024 * 1024

export interface Request extends Route {
  /** Where the tool runs. */
  readonly top: string
  readonly title: string
  readonly body: string
  /** Where it lies as well. */
  readonly bodyFile: string
  readonly draft: boolean
}

/** Characters; a system passes no longer word to a program, each of four bytes. */
const LONGEST_WORD = 25_000

export type Tool = 'gh' | 'glab'
/** A tool and what it is told. */
export type Command = readonly [Tool, ...string[]]

/** The tool that fits the forge, where it is on PATH; of a forge that does not tell its kind, `gh` before `glab`. */
export function findTool(ports: Pick<Ports, 'env'>, forge: Forge | undefined): Tool | undefined {
  return fitting(forge).find(tool => ports.env.find(tool) !== undefined)
}

function fitting(forge: Forge | undefined): readonly Tool[] {
  switch (forge?.kind) {
    case 'gitlab':
      return ['glab']
    case 'bitbucket':
    case 'bitbucket-server':
    case 'azure':
      return []
    default:
      return forge !== undefined && /github/.test(forge.host) ? ['gh'] : ['gh', 'glab']
  }
}

export interface Opened {
  readonly pr: PullRequest | null
  /** What the tool says where it did not work. */
  readonly problem: string | undefined
}

/** The pull request of the branch: the one that is open already (`update`), else a new one. Never throws. */
export async function openPullRequest(
  ports: Pick<Ports, 'env'>,
  tool: Tool,
  request: Request,
  update: boolean,
): Promise<Opened> {
  const known = update ? await viewPullRequest(ports, tool, request) : null
  if (known?.state === 'open' || known?.state === 'opened') return { pr: known, problem: undefined }
  const { forge, pushedTo, base, branch, title, body, bodyFile, draft } = request
  const from = tool === 'glab' && pushedTo !== undefined && isFork(request) ? ['--head', pushedTo.path] : []
  const flags = [...from, ...(draft ? ['--draft'] : []), ...repository(tool, forge)]
  const words = body.length > LONGEST_WORD ? ['--body-file', bodyFile] : ['--body', body]
  const own: Command =
    tool === 'gh'
      ? ['gh', 'pr', 'create', '--head', headOf(request), '--base', base, '--title', title, ...words]
      : ['glab', 'mr', 'create', '--source-branch', branch, '--target-branch', base, '--title', title]
  const rest = tool === 'gh' ? flags : ['--description', body, '--yes', ...flags]
  const { status, output } = await run(ports, [...own, ...rest], request.top)
  const url = output.match(/https?:\/\/[^\s<>"']+\/(?:pull|merge_requests|pulls|pull-requests)\/\d+/g)?.at(-1)
  if (url !== undefined)
    return {
      pr: { number: Number(url.slice(url.lastIndexOf('/') + 1)), url, state: 'open' },
      problem: undefined,
    }
  const there = status === 0 || !update ? await viewPullRequest(ports, tool, request) : null
  if (there?.state.startsWith('open')) return { pr: there, problem: undefined }
  return { pr: null, problem: `${tool} opened no pull request: ${lastWords(output)}` }
}

/** The end of what a tool said. */
export function lastWords(output: string): string {
  const lines = output.split('\n').filter(line => line.trim() !== '')
  return lines.length === 0 ? 'it says nothing' : lines.slice(-3).join('; ').trim()
}

/** As the forge has it now; null where it does not say. */
export async function viewPullRequest(
  ports: Pick<Ports, 'env'>,
  tool: Tool,
  request: Pick<Request, 'forge' | 'pushedTo' | 'branch' | 'top'>,
): Promise<PullRequest | null> {
  const { forge, branch, top } = request
  const at = repository(tool, forge)
  const command: Command =
    tool === 'gh'
      ? ['gh', 'pr', 'view', headOf(request), '--json', 'number,url,state', ...at]
      : ['glab', 'mr', 'view', branch, '--output', 'json', ...at]
  const { output } = await run(ports, command, top)
  const answer = parseObject(output.slice(Math.max(0, output.indexOf('{'))))
  if (!isObject(answer)) return null
  return readPullRequest(
    tool === 'gh'
      ? answer
      : { number: answer.iid ?? null, url: answer.web_url ?? null, state: answer.state ?? null },
  )
}

/** The branch of a fork is named with its owner. */
function headOf(route: Pick<Route, 'forge' | 'pushedTo' | 'branch'>): string {
  const { pushedTo, branch } = route
  return pushedTo !== undefined && isFork(route) ? `${ownerOf(pushedTo)}:${branch}` : branch
}

function repository(tool: Tool, forge: Forge | undefined): readonly string[] {
  if (forge === undefined) return []
  return ['--repo', `${tool === 'gh' ? '' : 'https://'}${forge.host}/${forge.path}`]
}

/** Without questions, colours or news of a newer version. */
export function run(ports: Pick<Ports, 'env'>, command: Command, top: string) {
  const env = { GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1', NO_PROMPT: '1' }
  return ports.env.run(command, { cwd: top, limitMs: PATIENCE_MS, keep: LONGEST_ANSWER, env })
}
