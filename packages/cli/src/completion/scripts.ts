/** What a shell is told: ask the program. The program answers from its declarations, so this never grows old. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A script to be sourced. The words go over as one argument, a line each, so that none of them reads as an option. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# spec-kitty completion for bash:  eval "$(spec-kitty completion bash)"
_spec_kitty() {
  local IFS=$'\\n' reply
  reply=$(spec-kitty complete "\${COMP_WORDS[*]:0:COMP_CWORD+1}" 2>/dev/null)
  COMPREPLY=()
  local line
  for line in $reply; do COMPREPLY+=("\${line%%$'\\t'*}"); done
}
complete -o default -F _spec_kitty spec-kitty
`,
  zsh: `#compdef spec-kitty
# spec-kitty completion for zsh:  eval "$(spec-kitty completion zsh)"
_spec_kitty() {
  local -a found
  local line
  for line in \${(f)"$(spec-kitty complete "\${(F)words[1,CURRENT]}" 2>/dev/null)"}; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then _describe 'spec-kitty' found; else _files; fi
}
compdef _spec_kitty spec-kitty
`,
  fish: `# spec-kitty completion for fish:  spec-kitty completion fish | source
function __spec_kitty_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l line (string join \\n -- $words | string collect -N)
  spec-kitty complete "$line" 2>/dev/null
end
complete -c spec-kitty -f -a '(__spec_kitty_complete)'
`,
}
