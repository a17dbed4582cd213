import type { LoadedConfig } from '../config/load.ts'
import { AppError } from '../errors.ts'
import { loadTariff } from '../tariffs/load.ts'
import type { Tariff } from '../tariffs/tariff.ts'

/**
 * The tariff that entry `index` of `prices` names: one that comes with Busbar, or a file beside the
 * configuration.
 *
 * @throws AppError `config-invalid`: with the place in the configuration when there is no such
 *   tariff or its currency is not that of the site, in the tariff's own file when that is wrong
 */
export const tariffOf = async (
  loaded: LoadedConfig,
  index: number,
  name: string,
): Promise<Tariff> => {
  const path = ['prices', index, 'tariff']
  const tariff = await load(loaded, path, name)
  const { currency } = loaded.config.site
  if (tariff.file.currency === currency) return tariff
  const message = `"${name}" is in ${tariff.file.currency}, but site/currency is ${currency}`
  throw loaded.fault(path, message, undefined)
}

const load = async (
  loaded: LoadedConfig,
  path: readonly (string | number)[],
  name: string,
): Promise<Tariff> => {
  try {
    return await loadTariff(name.includes('.') ? loaded.pathOf(name) : name)
  } catch (error) {
    if (!(error instanceof AppError) || error.details !== undefined) throw error
    throw loaded.fault(path, `"${name}" is no tariff: ${error.message}`, error)
  }
}
