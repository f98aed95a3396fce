/** What the commands of a server's operator share: where its database is, and the store on it. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { resolvePath } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'
import type { Store } from '@spec-kitty/server/store/store'
import { text } from './command.ts'

export const storeFlags = {
  data: text("the server's directory", { value: 'DIR' }),
  database: text('address of its PostgreSQL database, in place of --data (or SPEC_KITTY_DATABASE)', {
    value: 'URL',
  }),
}

export interface StoreInput {
  readonly data: string | undefined
  readonly database: string | undefined
}

/** The directory or the address, whichever is given. Throws `usage`. */
export function placeOf(
  ports: Pick<Ports, 'env'>,
  { data, database }: StoreInput,
): { readonly data: string } | { readonly database: string } {
  const url = database ?? (data === undefined ? ports.env.get('SPEC_KITTY_DATABASE') : undefined)
  if (data !== undefined && database === undefined) return { data: resolvePath(ports.env.cwd, data) }
  if (url === undefined || url === '' || data !== undefined)
    throw new KittyError('usage', 'Give either --data or --database.', {
      hint: sh`--data DIR for the embedded database, --database postgres://… for PostgreSQL`,
    })
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new KittyError('usage', 'The address of the database is no postgres:// address.', {
      hint: sh`--database postgres://user:password@host/name`,
    })
  return { database: url }
}

/** Opens the store for one command. */
export async function withStore<T>(
  ports: Ports,
  input: StoreInput,
  act: (store: Store) => Promise<T>,
): Promise<T> {
  const { openStore } = await import('@spec-kitty/server/serve')
  const store = await openStore(placeOf(ports, input))
  try {
    return await act(store)
  } finally {
    await store.close()
  }
}
