/** What is written next while a mission is planned, in the one form that every command shows to people. */
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Mission } from '../repo/mission/handle.ts'

/** `plan`: there is no plan.md yet; `plan-form`: it is still a form; `packages`: all is written. */
export type PlanningDocument = 'spec' | 'plan' | 'plan-form' | 'tasks' | 'packages'

/** A sentence that ends with the command to run. */
export function planningStep({ rel, slug }: Pick<Mission, 'rel' | 'slug'>, next: PlanningDocument): Remedy {
  const on = ['--mission', slug]
  switch (next) {
    case 'spec':
      return sh`Write ${rel}/spec.md (/spec-kitty.specify in your agent, or by hand), then run: spec-kitty agent mission setup-plan ${on}`
    case 'plan':
      return sh`spec-kitty agent mission setup-plan ${on}`
    case 'plan-form':
      return sh`Fill in ${rel}/plan.md, then run: spec-kitty agent mission setup-plan ${on}`
    case 'packages':
      return sh`spec-kitty agent mission finalize-tasks ${on}`
    case 'tasks':
      return sh`Write ${rel}/tasks.md and ${rel}/tasks/WP01-….md, then run: spec-kitty agent mission finalize-tasks ${on}`
  }
}
