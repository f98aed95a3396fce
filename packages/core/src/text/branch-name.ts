/** The rules of `git check-ref-format --branch` that a name can break. */
export function isBranchName(name: string): boolean {
  const forbidden =
    /[\0-\x20\x7f-\x9f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|(?:^|\/)\.|\.lock(?:\/|$)|^@$|^HEAD$|^$/
  return !forbidden.test(name)
}
