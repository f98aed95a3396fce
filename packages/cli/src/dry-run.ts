/** `--dry-run`: a command run on a stage where nothing happens, and what it would have done in words. Loaded when asked for. */
import type { DryRun } from '@spec-kitty/contracts/cli/dry-run'
import { isObject } from '@spec-kitty/contracts/json'
import { isInside, relativeTo } from '@spec-kitty/core/text/paths'
import type { Change } from '@spec-kitty/core/world/change'
import type { Ports } from '@spec-kitty/core/world/ports'
import { rehearse } from '@spec-kitty/core/write/rehearse'
import type { Outcome } from './command.ts'
import type { Style } from './style.ts'

/**
 * Runs a command without effect. Its document gets `dry_run` and `plan`; its text comes last, as what it would say.
 * `own`: the command has words of its own for a dry run; they stay as they are.
 */
export async function runDry(
  ports: Ports,
  own: boolean,
  run: (ports: Ports) => Promise<Outcome>,
): Promise<Outcome> {
  const { ports: stage, plan } = rehearse(ports)
  const outcome = await run(stage)
  if (own) return outcome
  const steps = plan.map(change => describe(change, ports.env.cwd))
  const { document } = outcome
  const dry = { dry_run: true, plan: steps } satisfies DryRun
  return {
    ...outcome,
    document: isObject(document) ? { ...document, ...dry } : document,
    text: style => [headline(steps), ...quoted(outcome.text(style), style)].join('\n'),
  }
}

type Step = DryRun['plan'][number]

function headline(steps: readonly Step[]): string {
  if (steps.length === 0) return 'Dry run: there is nothing to change.'
  return ['Dry run: nothing was changed. The command would', ...steps.map(step => `  ${step.summary}`)].join(
    '\n',
  )
}

function quoted(text: string, style: Style): readonly string[] {
  const lines = text.trimEnd().split('\n')
  return text.trim() === '' ? [] : ['and say', ...lines.map(line => style.dim(`  ${line}`))]
}

function describe(change: Change, cwd: string): Step {
  const near = (path: string): string => (isInside(cwd, path) ? relativeTo(cwd, path) || '.' : path)
  const step = (paths: string[], summary: string): Step => ({ kind: change.kind, paths, summary })
  switch (change.kind) {
    case 'append_events': {
      const { lines } = change
      return step([near(change.path)], `append ${counted(lines.length, 'line')} to ${near(change.path)}`)
    }
    case 'write_file':
      return step([near(change.path)], `write ${near(change.path)}`)
    case 'delete_file':
      return step(
        [near(change.path)],
        `delete ${near(change.path)}${change.directory === true ? ' when it is empty' : ''}`,
      )
    case 'commit': {
      const [title] = change.message.split('\n')
      return step(change.paths.map(near), `commit ${counted(change.paths.length, 'file')}: ${title}`)
    }
    case 'update_refs': {
      const refs = change.updates.map(update => update.ref)
      return step(refs, `move ${refs.join(', ')}`)
    }
    case 'move_checkout':
      return step([near(change.checkout)], `bring ${near(change.checkout)} to ${change.to.slice(0, 12)}`)
    case 'switch_branch':
      return step([near(change.checkout)], `go to branch ${change.branch} in ${near(change.checkout)}`)
    case 'add_worktree':
      return step([near(change.path)], `make the worktree ${near(change.path)} on branch ${change.branch}`)
    case 'remove_worktree':
      return step([near(change.path)], `remove the worktree ${near(change.path)}`)
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
