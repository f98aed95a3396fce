/** Which forge a remote lies at, and the page of it where a browser opens a pull request. Pure. */

export interface Forge {
  /** `github`, and whatever looks like it: Gitea, Forgejo, an own GitHub. */
  readonly kind: 'github' | 'gitlab' | 'bitbucket' | 'bitbucket-server' | 'azure'
  readonly host: string
  /** `owner/name`, of GitLab also deeper. */
  readonly path: string
  /** Where its pages are: `https://host`. */
  readonly web: string
}

/** What a pull request is made of. */
export interface Route {
  /** Of the remote that the target lies at, and of the one that the branch was pushed to. */
  readonly forge: Forge | undefined
  readonly pushedTo: Forge | undefined
  readonly base: string
  readonly branch: string
}

/** The forge of a remote, by git's settings; undefined where it lies at none, or under a name of ssh's own. */
export function forgeOf(
  settings: ReadonlyMap<string, string>,
  remote: string | undefined,
): Forge | undefined {
  const url = settings.get(`remote.${remote}.url`) ?? ''
  const short = [...settings]
    .flatMap(([key, prefix]) => {
      const whole = /^url\.(.+)\.insteadof$/.exec(key)?.[1]
      return whole !== undefined && prefix !== '' && url.startsWith(prefix) ? [{ whole, prefix }] : []
    })
    .sort((a, b) => b.prefix.length - a.prefix.length)[0]
  // A mirror that git is sent to has no pages; what is only a short form has them nowhere else.
  return (
    readForge(url) ??
    (short === undefined ? undefined : readForge(short.whole + url.slice(short.prefix.length)))
  )
}

/** From `https://host/owner/name.git`, `ssh://git@host:22/owner/name`, `git@host:owner/name`; a path of this machine has none. */
export function readForge(url: string): Forge | undefined {
  const [, scheme = 'ssh', name, port = '', rest] =
    /^(https?|ssh|git|git\+ssh):\/\/(?:[^@/]*@)?([^/:]+)(:\d+)?\/(.+)$/i.exec(url) ??
    /^(?:[^@/:]+@)?([^/:]{2,}):(?!\/\/)\/?(.+)$/
      .exec(url)
      ?.flatMap((part, i) => (i === 1 ? [undefined, part, ''] : [part])) ??
    []
  const path = rest?.replace(/\/+$/, '').replace(/\.git$/, '')
  // A name without a dot is one of ssh's configuration: nobody can say where its pages are.
  if (name === undefined || !name.includes('.') || !path?.includes('/') || /[\s\\?#]/.test(name + path))
    return undefined
  // Doors of ssh through the port of https.
  const host = name
    .toLowerCase()
    .replace(/^(?:alt)?ssh\.(?=(?:github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com)$)/, '')
  const web = /^https?$/i.test(scheme) ? `${scheme.toLowerCase()}://${host}${port}` : `https://${host}`
  const kind = kindOf(host, path)
  if (kind === 'azure')
    return { kind, host, path: path.replace(/^v3\/([^/]+)\/([^/]+)\//, '$1/$2/_git/'), web }
  return { kind, host, path: kind === 'bitbucket-server' ? path.replace(/^scm\//, '') : path, web }
}

function kindOf(host: string, path: string): Forge['kind'] {
  if (/gitlab/.test(host)) return 'gitlab'
  if (host === 'bitbucket.org') return 'bitbucket'
  if (/bitbucket/.test(host) || path.startsWith('scm/')) return 'bitbucket-server'
  return host === 'dev.azure.com' ? 'azure' : 'github'
}

/** The page that opens the pull request; null where the remote lies at no forge. */
export function compareUrl({ forge, pushedTo, base, branch }: Route): string | null {
  if (forge === undefined || pushedTo === undefined) return null
  const home = pageOf(forge)
  const own = pageOf(pushedTo)
  const fork = isFork({ forge, pushedTo })
  switch (forge.kind) {
    case 'gitlab':
      return `${own}/-/merge_requests/new?${query({ 'merge_request[source_branch]': branch, 'merge_request[target_branch]': base })}`
    case 'bitbucket':
      return `${own}/pull-requests/new?${query({ source: branch, dest: fork ? `${forge.path}::${base}` : base })}`
    case 'bitbucket-server':
      return `${own}/pull-requests?create&${query({ sourceBranch: branch, targetBranch: base })}`
    case 'azure':
      return `${own}/pullrequestcreate?${query({ sourceRef: branch, targetRef: base })}`
    case 'github': {
      const [name, forkName] = [forge, pushedTo].map(({ path }) => path.split('/').at(-1))
      const from = [ownerOf(pushedTo), ...(name === forkName ? [] : [forkName]), branch].join(':')
      return `${home}/compare/${encoded(base)}...${encoded(fork ? from : branch)}?expand=1`
    }
  }
}

/** The branch lies in another repository than the target. */
export function isFork({ forge, pushedTo }: Pick<Route, 'forge' | 'pushedTo'>): boolean {
  return forge !== undefined && pushedTo !== undefined && forge.path !== pushedTo.path
}

/** Whose repository it is. */
export function ownerOf({ path }: Forge): string {
  return path.split('/')[0] ?? path
}

function pageOf({ kind, web, path }: Forge): string {
  if (kind !== 'bitbucket-server') return `${web}/${encoded(path)}`
  const [owner = '', name = ''] = path.split('/').slice(-2)
  const whose = owner.startsWith('~') ? `users/${owner.slice(1)}` : `projects/${owner}`
  return `${web}/${encoded(whose)}/repos/${encoded(name)}`
}

function encoded(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':')
}

function query(words: Readonly<Record<string, string>>): string {
  return Object.entries(words)
    .map(pair => pair.map(encodeURIComponent).join('='))
    .join('&')
}
