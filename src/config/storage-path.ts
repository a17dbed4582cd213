import type { Config } from './schema.ts'

const DEFAULT = '.busbar/busbar.sqlite'

/**
 * The database of a configuration, relative to the folder in which Busbar runs; `null` = it keeps
 * nothing.
 */
export const storagePathOf = ({ storage }: Pick<Config, 'storage'>): string | null => {
  const path = storage?.path ?? DEFAULT
  return path === ':memory:' ? null : path
}
