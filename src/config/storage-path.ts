import type { LoadedConfig } from './load.ts'

const DEFAULT = '.busbar/busbar.sqlite'
/** What SQLite would not take for a file; the storage refuses it in words. */
const NO_FILE = /^(:|file:|$)/

/**
 * The database of a configuration: absolute, and relative paths count from the folder of the
 * configuration file, so that it does not matter where Busbar is started. `null` = it keeps nothing.
 */
export const storagePathOf = ({
  config,
  pathOf,
}: Pick<LoadedConfig, 'config' | 'pathOf'>): string | null => {
  const path = config.storage?.path ?? DEFAULT
  if (path === ':memory:') return null
  return NO_FILE.test(path) ? path : pathOf(path)
}
