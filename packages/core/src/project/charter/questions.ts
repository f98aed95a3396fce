/** What a charter interview asks, with an answer to begin with. */

export interface Question {
  readonly key: string
  /** Heading or bullet of the charter. */
  readonly label: string
  readonly question: string
  readonly fallback: string
}

/** The first seven are the minimal profile. */
export const QUESTIONS: readonly Question[] = [
  {
    key: 'project_intent',
    label: 'Intent',
    question: 'What is this project for, and for whom?',
    fallback: 'As the README says.',
  },
  {
    key: 'languages_frameworks',
    label: 'Languages/Frameworks',
    question: 'Which languages and frameworks?',
    fallback: 'Those in use; a new one needs a reason in the plan.',
  },
  {
    key: 'testing_requirements',
    label: 'Testing',
    question: 'Which tests must exist before a change is merged?',
    fallback: 'Every change of behaviour has a test that fails without it.',
  },
  {
    key: 'quality_gates',
    label: 'Quality Gates',
    question: 'Which checks must pass?',
    fallback: 'All tests and checks of the repository pass.',
  },
  {
    key: 'review_policy',
    label: 'Review Policy',
    question: 'Who reviews, and what makes a review fail?',
    fallback: 'Somebody other than the author approves every work package.',
  },
  {
    key: 'performance_targets',
    label: 'Performance Targets',
    question: 'Is there a limit of speed, size or memory?',
    fallback: 'No slower than before, unless the specification says so.',
  },
  {
    key: 'deployment_constraints',
    label: 'Deployment Constraints',
    question: 'Where does it run, and what may a release not break?',
    fallback: 'Existing users and their data keep working.',
  },
  {
    key: 'documentation_policy',
    label: 'Documentation',
    question: 'What must be documented?',
    fallback: 'What a user can see is documented in the same change.',
  },
  {
    key: 'risk_boundaries',
    label: 'Risk Boundaries',
    question: 'What needs the yes of a person (data, security, cost)?',
    fallback: 'Deleting data, weakening security and spending money.',
  },
  {
    key: 'amendment_process',
    label: 'Amendment Process',
    question: 'Who may change the charter, and how?',
    fallback: 'By a reviewed change to this file.',
  },
  {
    key: 'exception_policy',
    label: 'Exception Policy',
    question: 'How is a rule broken for once?',
    fallback: 'The plan of the mission names the rule and the reason; the reviewer agrees.',
  },
]

export const PROFILES = ['minimal', 'comprehensive'] as const
export type Profile = (typeof PROFILES)[number]

/** The questions of a profile. */
export function questionsOf(profile: Profile): readonly Question[] {
  return profile === 'minimal' ? QUESTIONS.slice(0, 7) : QUESTIONS
}

export function fallbackOf(key: string): string {
  return QUESTIONS.find(question => question.key === key)?.fallback ?? ''
}
