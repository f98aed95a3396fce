/** The forge behind a remote: its pages by address, its own tool where one is on PATH. Nothing here is needed to land. */
import type { PullRequest } from '@spec-kitty/contracts/files/landing'
import { isObject, parseObject } from '@spec-kitty/contracts/json'
import { part, sh } from '@spec-kitty/contracts/sh'
import { readPullRequest } from '../repo/mission/landing.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

/** How long a tool of a forge may take. */
const PATIENCE_MS = 60_000

export interface Forge {
  readonly host: string
  /** `owner/name`, of GitLab also deeper. */
  readonly path: string
}

export interface Request {
  /** Where the tool runs. */
  readonly top: string
  readonly base: string
  readonly branch: string
  readonly title: string
  readonly body: string
  readonly draft: boolean
  /** Of the remote that the target lies at, and of the one that the branch was pushed to. */
  readonly forge: Forge | undefined
  readonly pushedTo: Forge | undefined
}

/** From `https://host/owner/name.git`, `ssh://git@host/owner/name`, `git@host:owner/name`; a path of this machine has none. */
export function readForge(url: string): Forge | undefined {
  const [, host, path] =
    /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/.exec(url) ??
    /^(?:[^@/:]+@)?([^/:]{2,}):(?!\/\/)\/?(.+)$/.exec(url) ??
    []
  const clean = path?.replace(/\/+$/, '').replace(/\.git$/, '')
  if (host === undefined || !clean?.includes('/') || /[\s\\]/.test(host + clean)) return undefined
  return { host, path: clean }
}

/** The page where a browser opens the pull request; null where the remote lies at no forge. */
export function compareUrl({
  forge,
  pushedTo,
  base,
  branch,
}: Pick<Request, 'forge' | 'pushedTo' | 'base' | 'branch'>): string | null {
  if (forge === undefined || pushedTo === undefined) return null
  const home = `https://${forge.host}/${path(forge.path)}`
  const own = `https://${pushedTo.host}/${path(pushedTo.path)}`
  const query = (from: string, to: string) =>
    `${from}=${encodeURIComponent(branch)}&${to}=${encodeURIComponent(base)}`
  if (/gitlab/.test(forge.host))
    return `${own}/-/merge_requests/new?${query('merge_request%5Bsource_branch%5D', 'merge_request%5Btarget_branch%5D')}`
  if (/bitbucket/.test(forge.host)) return `${own}/pull-requests/new?${query('source', 'dest')}`
  return `${home}/compare/${path(base)}...${path(headOf(forge, pushedTo, branch))}?expand=1`
}

function path(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':')
}

/** The branch of a fork is named with its owner. */
function headOf(forge: Forge | undefined, pushedTo: Forge | undefined, branch: string): string {
  const fork = forge !== undefined && pushedTo !== undefined && forge.path !== pushedTo.path
  return fork ? `${pushedTo.path.split('/')[0]}:${branch}` : branch
}

export type Tool = 'gh' | 'glab'

/** The tool that fits the forge, where it is on PATH; of a forge that does not tell its kind, `gh` before `glab`. */
export function findTool(ports: Pick<Ports, 'env' | 'files'>, forge: Forge | undefined): Tool | undefined {
  const folders = (ports.env.get('PATH') ?? '').split(':').filter(folder => folder.startsWith('/'))
  const has = (tool: Tool) =>
    folders.some(folder => {
      const found = ports.files.stat(join(folder, tool))
      return found !== undefined && found.kind !== 'directory'
    })
  const host = forge?.host ?? ''
  const fitting: readonly Tool[] = /gitlab/.test(host)
    ? ['glab']
    : /github/.test(host)
      ? ['gh']
      : ['gh', 'glab']
  return fitting.find(has)
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
  const { forge, pushedTo, base, branch, title, body, draft } = request
  const flags = draft ? ['--draft'] : []
  const at = repository(tool, forge)
  const command =
    tool === 'gh'
      ? sh`gh pr create --head ${headOf(forge, pushedTo, branch)} --base ${base} --title ${title} --body ${body} ${[...flags, ...at]}`
      : sh`glab mr create --source-branch ${branch} --target-branch ${base} --title ${title} --description ${body} --yes ${[...flags, ...at]}`
  const { status, output } = await run(ports, command, request.top)
  const url = output.match(/https?:\/\/[^\s<>"']+\/(?:pull|merge_requests|pulls|pull-requests)\/\d+/g)?.at(-1)
  if (url !== undefined)
    return { pr: { number: Number(/\d+$/.exec(url)?.[0]), url, state: 'open' }, problem: undefined }
  const there = status === 0 || !update ? await viewPullRequest(ports, tool, request) : null
  if (there?.state.startsWith('open')) return { pr: there, problem: undefined }
  const said = output
    .trim()
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-3)
    .join('; ')
  return { pr: null, problem: `${tool} opened no pull request: ${said === '' ? 'it says nothing' : said}` }
}

/** As the forge has it now; null where it does not say. */
export async function viewPullRequest(
  ports: Pick<Ports, 'env'>,
  tool: Tool,
  { forge, branch, top }: Pick<Request, 'forge' | 'branch' | 'top'>,
): Promise<PullRequest | null> {
  const at = repository(tool, forge)
  const command =
    tool === 'gh'
      ? sh`gh pr view ${branch} --json number,url,state ${at}`
      : sh`glab mr view ${branch} --output json ${at}`
  const { output } = await run(ports, command, top)
  const answer = parseObject(output.slice(Math.max(0, output.indexOf('{'))))
  if (!isObject(answer)) return null
  return readPullRequest(
    tool === 'gh'
      ? answer
      : { number: answer.iid ?? null, url: answer.web_url ?? null, state: answer.state ?? null },
  )
}

function repository(tool: Tool, forge: Forge | undefined): readonly string[] {
  if (forge === undefined) return []
  return ['--repo', `${tool === 'gh' ? '' : 'https://'}${forge.host}/${forge.path}`]
}

/** Without questions, colours or news of a newer version. */
function run(ports: Pick<Ports, 'env'>, command: ReturnType<typeof sh>, top: string) {
  const quiet = sh`GH_PROMPT_DISABLED=1 GH_NO_UPDATE_NOTIFIER=1 NO_COLOR=1 NO_PROMPT=1`
  return ports.env.shell(sh`${part(quiet)} ${part(command)}`, top, PATIENCE_MS)
}
