/** `charter interview` and `charter generate`: two files, each with one commit. */
import type { CharterGenerate, CharterInterview } from '@spec-kitty/contracts/cli/charter'
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { MISSION_TYPES } from '../../repo/mission/types.ts'
import { gitPath, locateProject, type Project } from '../../repo/project/locate.ts'
import { join } from '../../text/paths.ts'
import { editYaml, readYaml } from '../../text/yaml.ts'
import { rewrite } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import { writeProject } from '../../write/write.ts'
import { type Answers, printCharter } from './document.ts'
import { type Profile, questionsOf } from './questions.ts'

export const CHARTER_PATH = '.kittify/charter/charter.md'
export const ANSWERS_PATH = '.kittify/charter/interview/answers.yaml'

export interface InterviewRequest {
  readonly missionType: string | undefined
  readonly profile: Profile
  /** By the keys of the questions; a missing one keeps its answer, or gets the one to begin with. */
  readonly answers: Readonly<Record<string, string>>
  /** Undefined: as they are. */
  readonly selectedParadigms: readonly string[] | undefined
  readonly selectedDirectives: readonly string[] | undefined
  readonly availableTools: readonly string[] | undefined
}

/**
 * Writes the answers down; what this interview does not ask for stays as it is. Throws `invalid_input` for an unknown
 * kind of mission, `file_malformed`.
 */
export async function writeInterview(ports: Ports, request: InterviewRequest): Promise<CharterInterview> {
  return await writeProject<CharterInterview>(ports, {}, async ({ project }) => {
    const path = join(project.root, ANSWERS_PATH)
    const before = ports.files.text(path)
    const answers = answersOf(request, await readEarlier(ports, project))
    const content = await editYaml(ports, before ?? '', ANSWERS_PATH, {
      schema_version: '1.0.0',
      mission: answers.mission,
      profile: answers.profile,
      answers: answers.answers,
      ...selections(answers),
    })
    const answer = {
      result: 'success' as const,
      success: true as const,
      interview_path: ANSWERS_PATH,
      mission: answers.mission,
      profile: request.profile,
      ...selections(answers),
      org_prefill_messages: [],
      org_prefill_warning: null,
    }
    return {
      files: rewrite(path, before, content),
      message: 'Record the charter interview',
      answer: { ...answer, committed: false },
      committed: () => ({ ...answer, committed: true }),
    }
  })
}

export interface GenerateRequest {
  readonly missionType: string | undefined
  readonly templateSet: string | undefined
  /** False: from the answers to begin with. */
  readonly fromInterview: boolean
  readonly profile: Profile
  readonly force: boolean
}

/** Writes the charter. Throws `invalid_input` when there is one and `force` was not given, or no interview. */
export async function generateCharter(ports: Ports, request: GenerateRequest): Promise<CharterGenerate> {
  return await writeProject<CharterGenerate>(ports, {}, async ({ project }) => {
    const path = join(project.root, CHARTER_PATH)
    const existing = ports.files.text(path)
    if (existing !== undefined && !request.force) {
      throw new KittyError('invalid_input', `${CHARTER_PATH} exists: it may hold rules that people wrote`, {
        hint: sh`Edit it, or replace it: spec-kitty charter generate --force`,
      })
    }
    if (existing !== undefined) await refuseUncommitted(ports, project)
    const answers = request.fromInterview ? await readAnswers(ports, project) : answersOf(noAnswers(request))
    const mission = request.missionType === undefined ? answers.mission : missionType(request.missionType)
    const templateSet = request.templateSet ?? `${mission}-default`
    const content = printCharter({ ...answers, mission }, templateSet)
    const answer = {
      result: 'success' as const,
      success: true as const,
      charter_path: CHARTER_PATH,
      interview_source: request.fromInterview ? ('interview' as const) : ('defaults' as const),
      mission,
      template_set: templateSet,
      ...selections(answers),
      references_count: 0,
      library_files: [],
      files_written: existing === content ? [] : [CHARTER_PATH],
      diagnostics: [],
    }
    return {
      files: rewrite(path, existing, content),
      message: 'Write the charter',
      answer: { ...answer, committed: false },
      committed: () => ({ ...answer, committed: true }),
    }
  })
}

/** What --force replaces can be had back from git. Throws `not_ready`. */
async function refuseUncommitted(ports: Ports, project: Project): Promise<void> {
  const changed = await ports.git.status(project.top, [gitPath(project, CHARTER_PATH)])
  if (changed.length === 0) return
  throw new KittyError('not_ready', `${CHARTER_PATH} holds changes that are not committed`, {
    hint: sh`spec-kitty safe-commit -m "Edit the charter" ${gitPath(project, CHARTER_PATH)}`,
  })
}

function noAnswers({ missionType, profile }: GenerateRequest): InterviewRequest {
  const none = { selectedParadigms: undefined, selectedDirectives: undefined, availableTools: undefined }
  return { missionType, profile, answers: {}, ...none }
}

/** What was answered before, as it stands there. */
interface Earlier {
  readonly mission: string | undefined
  readonly answers: JsonObject
  readonly chosen: Pick<Answers, 'selectedParadigms' | 'selectedDirectives' | 'availableTools'>
}

const NOTHING_SAID: Earlier = {
  mission: undefined,
  answers: {},
  chosen: { selectedParadigms: [], selectedDirectives: [], availableTools: [] },
}

function answersOf(request: InterviewRequest, earlier: Earlier = NOTHING_SAID): Answers {
  const { answers: given, profile, missionType: type } = request
  const asked = questionsOf(profile).map(({ key, fallback }) => [
    key,
    given[key] ?? earlier.answers[key] ?? fallback,
  ])
  return {
    mission: type === undefined ? (earlier.mission ?? 'software-dev') : missionType(type),
    profile,
    answers: { ...earlier.answers, ...Object.fromEntries(asked) },
    selectedParadigms: request.selectedParadigms ?? earlier.chosen.selectedParadigms,
    selectedDirectives: request.selectedDirectives ?? earlier.chosen.selectedDirectives,
    availableTools: request.availableTools ?? earlier.chosen.availableTools,
  }
}

function missionType(id: string): string {
  if (MISSION_TYPES.some(type => type.id === id)) return id
  throw new KittyError('invalid_input', `Unknown kind of mission: ${id}`, {
    hint: sh`Choose from: ${listed(MISSION_TYPES.map(type => type.id))}`,
  })
}

function selections(answers: Answers) {
  return {
    selected_paradigms: [...answers.selectedParadigms],
    selected_directives: [...answers.selectedDirectives],
    available_tools: [...answers.availableTools],
  }
}

/** Throws `invalid_input` when nobody was asked, `file_malformed`. */
async function readAnswers(ports: Ports, project: Project): Promise<Answers> {
  const earlier = await readEarlier(ports, project)
  if (earlier === undefined) {
    throw new KittyError('invalid_input', `There are no answers yet: ${ANSWERS_PATH}`, {
      hint: sh`spec-kitty charter interview --defaults`,
    })
  }
  const { mission, profile, answers, chosen } = earlier
  return { mission: mission ?? 'software-dev', profile, answers, ...chosen }
}

/** Undefined when nobody was asked yet. Throws `file_malformed`. */
async function readEarlier(ports: Ports, project: Project) {
  const path = join(project.root, ANSWERS_PATH)
  const text = ports.files.text(path)
  if (text === undefined) return undefined
  const value = await readYaml(ports, text, path)
  const raw = isObject(value) ? value : {}
  return {
    mission: typeof raw.mission === 'string' ? raw.mission : undefined,
    profile: typeof raw.profile === 'string' ? raw.profile : 'minimal',
    answers: isObject(raw.answers) ? raw.answers : {},
    chosen: {
      selectedParadigms: strings(raw.selected_paradigms),
      selectedDirectives: strings(raw.selected_directives),
      availableTools: strings(raw.available_tools),
    },
  }
}

/** What was answered the last time, to begin with. Throws what `readYaml` throws. */
export async function earlierAnswers(ports: Ports): Promise<Readonly<Record<string, string>>> {
  const earlier = await readEarlier(ports, locateProject(ports))
  return Object.fromEntries(
    Object.entries(earlier?.answers ?? {}).flatMap(([key, answer]) =>
      typeof answer === 'string' ? [[key, answer]] : [],
    ),
  )
}

function strings(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter(item => typeof item === 'string') : []
}
