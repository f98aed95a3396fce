/** `charter interview` and `charter generate`: two files, each with one commit. */
import type { CharterGenerate, CharterInterview } from '@spec-kitty/contracts/cli/charter'
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { MISSION_TYPES } from '../../repo/mission/types.ts'
import { readConfig } from '../../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../../repo/project/locate.ts'
import { join } from '../../text/paths.ts'
import { editYaml, readYaml } from '../../text/yaml.ts'
import type { Ports } from '../../world/ports.ts'
import { commits, planCommit, refuseProtected } from '../../write/commit.ts'
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
  const project = openProject(ports)
  const answers = answersOf(request)
  const before = ports.files.text(join(project.root, ANSWERS_PATH))
  const content = await editYaml(ports, before ?? '', ANSWERS_PATH, {
    schema_version: '1.0.0',
    mission: answers.mission,
    profile: answers.profile,
    answers: answers.answers,
    selected_paradigms: answers.selectedParadigms,
    selected_directives: answers.selectedDirectives,
    available_tools: answers.availableTools,
  })
  const committed = await store(ports, project, ANSWERS_PATH, content, 'Record the charter interview')
  return {
    result: 'success',
    success: true,
    interview_path: ANSWERS_PATH,
    mission: answers.mission,
    profile: request.profile,
    ...selections(answers),
    org_prefill_messages: [],
    org_prefill_warning: null,
    committed,
  }
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
  const project = openProject(ports)
  const existing = ports.files.text(join(project.root, CHARTER_PATH))
  if (existing !== undefined && !request.force) {
    throw new KittyError('invalid_input', `${CHARTER_PATH} exists: it may hold rules that people wrote`, {
      hint: sh`Edit it, or replace it: spec-kitty charter generate --force`,
    })
  }
  const answers = request.fromInterview ? await readAnswers(ports, project) : answersOf(noAnswers(request))
  const mission = request.missionType === undefined ? answers.mission : missionType(request.missionType)
  const templateSet = request.templateSet ?? `${mission}-default`
  const content = printCharter({ ...answers, mission }, templateSet)
  const committed = await store(ports, project, CHARTER_PATH, content, 'Write the charter')
  return {
    result: 'success',
    success: true,
    charter_path: CHARTER_PATH,
    interview_source: request.fromInterview ? 'interview' : 'defaults',
    mission,
    template_set: templateSet,
    ...selections(answers),
    references_count: 0,
    library_files: [],
    files_written: existing === content ? [] : [CHARTER_PATH],
    diagnostics: [],
    committed,
  }
}

function openProject(ports: Ports): Project {
  const project = locateProject(ports)
  requireKittify(ports, project)
  return project
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

/** Writes one file of the project and commits it, as configured; answers whether it was committed. */
async function store(
  ports: Ports,
  project: Project,
  relative: string,
  content: string,
  message: string,
): Promise<boolean> {
  const path = join(project.root, relative)
  const before = ports.files.text(path)
  if (before === content) return false
  const config = await readConfig(ports, project)
  refuseProtected(ports, project, config)
  await ports.apply([
    { kind: 'write_file', path, content, expect: before ?? null },
    ...planCommit(project, config, { paths: [path], message }),
  ])
  return commits(config, undefined)
}
