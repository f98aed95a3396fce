/** `charter interview` and `charter generate`: two files, each with one commit. */
import type { CharterGenerate, CharterInterview } from '@spec-kitty/contracts/cli/charter'
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { MISSION_TYPES } from '../../repo/mission/types.ts'
import type { Project } from '../../repo/project/locate.ts'
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
  /** By the keys of the questions; a missing one gets the answer to begin with. */
  readonly answers: Readonly<Record<string, string>>
  readonly selectedParadigms: readonly string[]
  readonly selectedDirectives: readonly string[]
  readonly availableTools: readonly string[]
}

/** Writes the answers down. Throws `invalid_input` for an unknown kind of mission. */
export async function writeInterview(ports: Ports, request: InterviewRequest): Promise<CharterInterview> {
  const answers = answersOf(request)
  return await writeProject<CharterInterview>(ports, {}, async ({ project }) => {
    const path = join(project.root, ANSWERS_PATH)
    const before = ports.files.text(path)
    const content = await editYaml(ports, before ?? '', ANSWERS_PATH, {
      schema_version: '1.0.0',
      mission: answers.mission,
      profile: answers.profile,
      answers: answers.answers,
      selected_paradigms: answers.selectedParadigms,
      selected_directives: answers.selectedDirectives,
      available_tools: answers.availableTools,
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

function noAnswers(request: GenerateRequest): InterviewRequest {
  const { missionType, profile } = request
  const none = { answers: {}, selectedParadigms: [], selectedDirectives: [], availableTools: [] }
  return { missionType, profile, ...none }
}

function answersOf(request: InterviewRequest): Answers {
  const { answers: given, missionType: type, ...rest } = request
  const answers = Object.fromEntries(
    questionsOf(request.profile).map(({ key, fallback }) => [key, given[key] ?? fallback]),
  )
  return { ...rest, mission: missionType(type ?? 'software-dev'), answers }
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
  const path = join(project.root, ANSWERS_PATH)
  const text = ports.files.text(path)
  if (text === undefined) {
    throw new KittyError('invalid_input', `There are no answers yet: ${ANSWERS_PATH}`, {
      hint: sh`spec-kitty charter interview --defaults`,
    })
  }
  const value = await readYaml(ports, text, path)
  const raw = isObject(value) ? value : {}
  const answers = isObject(raw.answers) ? raw.answers : {}
  return {
    mission: typeof raw.mission === 'string' ? raw.mission : 'software-dev',
    profile: typeof raw.profile === 'string' ? raw.profile : 'minimal',
    answers: Object.fromEntries(
      Object.entries(answers).flatMap(([key, answer]) => (typeof answer === 'string' ? [[key, answer]] : [])),
    ),
    selectedParadigms: strings(raw.selected_paradigms),
    selectedDirectives: strings(raw.selected_directives),
    availableTools: strings(raw.available_tools),
  }
}

function strings(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter(item => typeof item === 'string') : []
}
