import { describe, expect, it } from 'vitest'
import { compareUrl, forgeOf, readForge } from './address.ts'

const compare = (url: string, own = url) =>
  compareUrl({ forge: readForge(url), pushedTo: readForge(own), base: 'main', branch: 'kitty/pr/a-b' })

describe('the page that opens a pull request', () => {
  it.each([
    ['https://github.com/o/r.git', 'https://github.com/o/r/compare/main...kitty/pr/a-b?expand=1'],
    ['git@github.com:o/r.git', 'https://github.com/o/r/compare/main...kitty/pr/a-b?expand=1'],
    ['ssh://git@ssh.github.com:443/o/r.git', 'https://github.com/o/r/compare/main...kitty/pr/a-b?expand=1'],
    [
      'https://me:token@github.example.com/o/r/',
      'https://github.example.com/o/r/compare/main...kitty/pr/a-b?expand=1',
    ],
    [
      'ssh://git@gitea.example.com:2222/o/r',
      'https://gitea.example.com/o/r/compare/main...kitty/pr/a-b?expand=1',
    ],
    [
      'http://gitea.lan.example:3000/git/o/r.git',
      'http://gitea.lan.example:3000/git/o/r/compare/main...kitty/pr/a-b?expand=1',
    ],
    [
      'git@gitlab.com:group/sub/r.git',
      'https://gitlab.com/group/sub/r/-/merge_requests/new?merge_request%5Bsource_branch%5D=kitty%2Fpr%2Fa-b&merge_request%5Btarget_branch%5D=main',
    ],
    [
      'git@bitbucket.org:o/r.git',
      'https://bitbucket.org/o/r/pull-requests/new?source=kitty%2Fpr%2Fa-b&dest=main',
    ],
    [
      'https://bitbucket.example.com/scm/PRJ/r.git',
      'https://bitbucket.example.com/projects/PRJ/repos/r/pull-requests?create&sourceBranch=kitty%2Fpr%2Fa-b&targetBranch=main',
    ],
    [
      'git@ssh.dev.azure.com:v3/org/prj/r',
      'https://dev.azure.com/org/prj/_git/r/pullrequestcreate?sourceRef=kitty%2Fpr%2Fa-b&targetRef=main',
    ],
  ])('%s', (url, page) => expect(compare(url)).toBe(page))

  it.each([
    '/srv/git/r.git',
    'file:///srv/git/r.git',
    'C:/git/r.git',
    'work:o/r.git',
    'https://github.com/r',
    '',
  ])('%s has none', url => expect(compare(url)).toBeNull())

  it('names the fork that the branch was pushed to', () => {
    expect(compare('git@github.com:up/r.git', 'git@github.com:me/r.git')).toContain(
      '/up/r/compare/main...me:kitty/',
    )
    expect(compare('git@github.com:up/r.git', 'git@github.com:me/r2.git')).toContain(
      '/compare/main...me:r2:kitty/',
    )
    expect(compare('git@gitlab.com:up/r.git', 'git@gitlab.com:me/r.git')).toMatch(
      /^https:\/\/gitlab\.com\/me\/r\/-\//,
    )
    expect(compare('git@bitbucket.org:up/r.git', 'git@bitbucket.org:me/r.git')).toMatch(
      /me\/r\/.*dest=up%2Fr%3A%3Amain$/,
    )
  })

  it('reads short forms as git does', () => {
    const settings = new Map([
      ['remote.origin.url', 'gh:o/r'],
      ['url.git@github.com:.insteadof', 'gh:'],
    ])
    expect(forgeOf(settings, 'origin')).toMatchObject({ kind: 'github', host: 'github.com', path: 'o/r' })
    expect(forgeOf(settings, 'fork')).toBeUndefined()
  })
})
