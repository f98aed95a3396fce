/** What the reviewers of a pull request said, asked of the forge by its own tool. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json, parseJson } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { Ports } from '../world/ports.ts'
import type { Forge } from './address.ts'
import { type Command, lastWords, run, type Tool } from './forge.ts'

/** Pages of threads that are asked for at most. */
const PAGES = 40
const PAGE = 50

/** Reviews with their words, and threads that say whether they are settled. One line: a batch file takes no other. */
const QUERY = `query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    url
    reviews(first: 100) { nodes { state body url authorAssociation author { login } } }
    reviewThreads(first: ${PAGE}, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { isResolved path line originalLine
        comments(first: 50) { nodes { body url isMinimized authorAssociation author { login } } } }
    } } } }`.replaceAll(/\s+/g, ' ')

/** Documents as the forge gives them, oldest first. Throws `not_ready` with what the tool says where it does not answer. */
export async function askReview(
  ports: Pick<Ports, 'env'>,
  tool: Tool,
  { forge, number, top }: { readonly forge: Forge; readonly number: number; readonly top: string },
): Promise<readonly Json[]> {
  const pages: Json[] = []
  let after: string | undefined
  do {
    const command =
      tool === 'gh' ? askGitHub(forge, number, after) : askGitLab(forge, number, pages.length + 1)
    const page = await answered(ports, tool, command, top)
    after = tool === 'gh' ? nextThreads(page) : isArray(page) && page.length === PAGE ? 'more' : undefined
    // The reviews come with every page, the threads do not.
    pages.push(tool === 'gh' && pages.length > 0 ? (find(page, 'reviewThreads') ?? null) : page)
  } while (after !== undefined && pages.length < PAGES)
  return pages
}

function askGitHub({ host, path }: Forge, number: number, after: string | undefined): Command {
  const [owner = '', name = ''] = path.split('/')
  const on = after === undefined ? [] : ['-f', `after=${after}`]
  const variables = ['-f', `owner=${owner}`, '-f', `name=${name}`, '-F', `number=${number}`, ...on]
  return ['gh', 'api', 'graphql', '--hostname', host, '-f', `query=${QUERY}`, ...variables]
}

function askGitLab({ host, path }: Forge, number: number, page: number): Command {
  const at = `projects/${encodeURIComponent(path)}/merge_requests/${number}/discussions?per_page=${PAGE}&page=${page}`
  return ['glab', 'api', '--hostname', host, at]
}

async function answered(ports: Pick<Ports, 'env'>, tool: Tool, command: Command, top: string): Promise<Json> {
  const { status, output } = await run(ports, command, top)
  const value = status === 0 ? documentIn(output) : undefined
  if (value !== undefined && !(isObject(value) && value.errors !== undefined)) return value
  throw new KittyError('not_ready', `${tool} does not tell the review: ${lastWords(output)}`, {
    hint: sh`Mend that (${tool} auth status), or write the comments into a file: spec-kitty review import review.md`,
  })
}

/** A tool may say something before and after it. */
function documentIn(output: string): Json | undefined {
  try {
    const value = parseJson(
      output.slice(Math.max(0, output.search(/[[{]/)), output.search(/[\]}][^\]}]*$/) + 1),
    )
    return isObject(value) || isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function nextThreads(page: Json): string | undefined {
  const info = find(find(page, 'reviewThreads') ?? null, 'pageInfo')
  return isObject(info) && info.hasNextPage === true && typeof info.endCursor === 'string'
    ? info.endCursor
    : undefined
}

/** What stands under a key, however deep. */
function find(value: Json, key: string): Json | undefined {
  if (!isObject(value)) return undefined
  if (value[key] !== undefined) return value[key]
  for (const inner of Object.values(value)) {
    const found = find(inner, key)
    if (found !== undefined) return found
  }
  return undefined
}
