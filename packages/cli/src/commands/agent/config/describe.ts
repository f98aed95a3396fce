/** The human form of what add, remove and sync did. */
import type { AgentConfigChange } from '@spec-kitty/contracts/cli/agent-config'
import type { Style } from '../../../style.ts'

const WORDS = { created: 'Created', updated: 'Updated', deleted: 'Deleted' } as const

/** One line for each thing that happened; `nothing` when nothing did. */
export function describeChange(result: AgentConfigChange, style: Style, nothing: string): string {
  const counts = (['created', 'updated', 'deleted'] as const).flatMap(action => {
    const paths = result.files.filter(file => file.action === action).map(file => file.path)
    if (paths.length === 0) return []
    return [`  ${WORDS[action]} ${paths.length === 1 ? paths[0] : `${paths.length} files`}`]
  })
  const kept = result.files.filter(file => file.action === 'kept').map(file => file.path)
  const lines = [
    ...result.added.map(key => `${style.green('✓')} Added ${key}`),
    ...(result.already_configured.length === 0
      ? []
      : [`Already configured: ${result.already_configured.join(', ')}`]),
    ...result.removed.map(key => `${style.green('✓')} Removed ${key}`),
    ...result.not_configured.map(key => `• ${key} was not configured`),
    ...counts,
    ...(kept.length === 0
      ? []
      : [style.yellow(`  Kept as they are, because somebody wrote or edited them: ${kept.join(', ')}`)]),
    ...(result.committed ? [style.dim('  Committed.')] : []),
  ]
  return lines.length === 0 ? nothing : lines.join('\n')
}
