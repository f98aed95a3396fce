import { ValidateEncoding } from '@spec-kitty/contracts/cli/validate-encoding'
import { validateEncoding } from '@spec-kitty/core/project/encoding'
import { defineCommand, missionFlag, toggle } from '../command.ts'

export const command = defineCommand({
  description:
    'Finds documents of a mission that are not UTF-8: bytes of Windows-1252, as old editors write them. With --fix they are rewritten, and the old bytes kept beside them.',
  examples: ['spec-kitty validate-encoding --all', 'spec-kitty validate-encoding --mission demo --fix'],
  flags: {
    mission: missionFlag,
    all: toggle('all missions'),
    fix: toggle('rewrite as UTF-8'),
    backup: toggle('keep the old bytes as <file>.bak (default: yes)'),
    ascii: toggle('also replace quotes, dashes and the like that are valid UTF-8'),
  },
  writes: true,
  result: ValidateEncoding,
  run: (ports, input) => validateEncoding(ports, input),
  status: result => (result.ok ? 0 : 1),
  text: (result, style) => {
    if (result.files.length === 0) return style.green(`${result.files_checked} documents, all fine.`)
    return [
      ...result.files.flatMap(file => [
        file.status === 'fixed'
          ? `${style.green('fixed')} ${file.path}${file.backup === null ? '' : ` (before: ${file.backup})`}`
          : `${style.red('not UTF-8')} ${file.path}`,
        ...file.problems.slice(0, 5).map(({ line, message }) => style.dim(`  line ${line}: ${message}`)),
        ...(file.problems.length > 5 ? [style.dim(`  … and ${file.problems.length - 5} more`)] : []),
      ]),
      ...(result.ok ? [] : ['To repair them, add --fix.']),
    ].join('\n')
  },
})
