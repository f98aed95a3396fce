import { ServeLimits } from '@spec-kitty/contracts/cli/serve'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { count, defineCommand, text, toggle } from '../../command.ts'
import { storeFlags, withStore } from '../../serve-store.ts'

const MIB = 1024 * 1024

export const command = defineCommand({
  description:
    'Shows what users and teams may keep at a server, and changes it. What is over a quota is refused with 507 and waits at the client. --keep-days is what `serve prune` goes by.',
  examples: [
    'spec-kitty serve limits --user "*" --events 1000000 --mib 2048 --data ~/spec-kitty-server',
    'spec-kitty serve limits --team platform --keep-days 365 --data ~/spec-kitty-server',
  ],
  flags: {
    ...storeFlags,
    team: text('of this team; "*" for all others', { value: 'TEAM' }),
    user: text('of this user; "*" for all others', { value: 'NAME' }),
    events: count('most events'),
    mib: count('most MiB of events'),
    keepDays: count('days that events are kept; teams only', { value: 'DAYS' }),
    clear: toggle('forget the limits of this team or user first'),
  },
  result: ServeLimits,
  run: async (ports, input) => {
    const { team, user, events, mib, keepDays, clear = false } = input
    const changes = clear || [events, mib, keepDays].some(each => each !== undefined)
    if (changes && (team === undefined) === (user === undefined))
      throw new KittyError('usage', 'Say whose limits: --team or --user, one of them.', {
        hint: sh`--team NAME, or --team "*" for all others`,
      })
    return await withStore(ports, input, async store => {
      const { changeLimits, ownerOf } = await import('@spec-kitty/server/admin')
      if (changes) {
        const change = {
          ...(events === undefined ? {} : { maxEvents: events }),
          ...(mib === undefined ? {} : { maxBytes: mib * MIB }),
          ...(keepDays === undefined ? {} : { keepDays }),
        }
        await changeLimits(store, await ownerOf(store, { team, user }), change, clear)
      }
      const limits = await store.limits()
      return {
        limits: limits.map(({ owner, maxEvents, maxBytes, keepDays: days }) => ({
          owner,
          max_events: maxEvents,
          max_bytes: maxBytes,
          keep_days: days,
        })),
      }
    })
  },
  text: ({ limits }) =>
    limits
      .map(({ owner, max_events, max_bytes, keep_days }) =>
        [
          `${owner}:`,
          ...(max_events === null ? [] : [`${max_events} events`]),
          ...(max_bytes === null ? [] : [`${Math.floor(max_bytes / MIB)} MiB`]),
          ...(keep_days === null ? [] : [`kept ${keep_days} days`]),
        ].join(' '),
      )
      .join('\n') || 'No limits.',
})
