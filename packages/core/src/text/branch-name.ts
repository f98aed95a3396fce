/** The rules of `git check-ref-format --branch` that a name can break. */
export function isBranchName(name: string): boolean {
  const forbidden = /[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|(?:^|\/)\.|\.lock(?:\/|$)|^@$|^HEAD$|^$/u
  return !forbidden.test(name)
}
