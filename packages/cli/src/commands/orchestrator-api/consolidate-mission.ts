import { mergeCommand } from './merge-mission.ts'

export const command = mergeCommand('consolidate-mission')
