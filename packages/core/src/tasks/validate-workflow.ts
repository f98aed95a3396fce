/** `agent tasks validate-workflow`: is a work package file in order? Reads only. */
import type { ValidateWorkflow } from '@spec-kitty/contracts/cli/validate-workflow'
import { isUnreadable } from '@spec-kitty/contracts/errors'
import { workPackageIssues } from '@spec-kitty/contracts/files/work-package'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { viewStatus } from '../repo/log/emit.ts'
import { laneOf } from '../repo/log/reduce.ts'
import { resolveMission } from '../repo/mission/handle.ts'
import { locateProject, requireKittify } from '../repo/project/locate.ts'
import { findWorkPackage, listWpIds, normalizeWpId, type WorkPackage } from '../repo/tasks/work-package.ts'
import { spelling } from '../text/wp-id.ts'
import type { Ports } from '../world/ports.ts'

export interface ValidateWorkflowInput {
  readonly taskId: string
  readonly mission?: string | undefined
}

/** A file that cannot be read is an answer, not a refusal. Throws `wp_not_found`, `log_corrupt`. */
export async function validateWorkflow(
  ports: Ports,
  input: ValidateWorkflowInput,
): Promise<ValidateWorkflow> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const { reduction } = await viewStatus(ports, project, mission)
  const asked = normalizeWpId(input.taskId) ?? input.taskId
  const id = spelling(listWpIds(ports, mission))(asked)
  const lane = laneOf(reduction, id)
  try {
    const wp = await findWorkPackage(ports, mission, input.taskId)
    const { errors, warnings } = judgeFile(wp)
    return { valid: errors.length === 0, errors, warnings, task_id: id, lane }
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return { valid: false, errors: [error.message], warnings: [], task_id: id, lane }
  }
}

/** The two keys nothing works without are errors; everything else is a warning. Pure. */
export function judgeFile(wp: WorkPackage): { readonly errors: string[]; readonly warnings: string[] } {
  const { fields } = wp.file
  const required = (key: string): boolean => key === 'work_package_id' || (key === 'title' && !titled(fields))
  const issues = workPackageIssues(fields)
  const errors = issues.filter(({ key }) => required(key))
  const warnings = issues.filter(({ key }) => !required(key) && key !== 'title')
  const own = fields.work_package_id
  return {
    errors: errors.map(({ key, message }) => `${key}: ${message}`),
    warnings: [
      ...warnings.map(({ key, message }) => `${key}: ${message}`),
      ...(typeof own === 'string' && own !== wp.id
        ? [`work_package_id is ${own}, but the file is called ${wp.stem}.md`]
        : []),
      ...(/^##\s+Activity Log\s*$/im.test(wp.body) ? [] : ['There is no "## Activity Log"']),
    ],
  }
}

/** Old files say `work_package_title`. */
function titled(fields: JsonObject): boolean {
  const { work_package_title: title } = fields
  return typeof title === 'string' && title.trim() !== ''
}
