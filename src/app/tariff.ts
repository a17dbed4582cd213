import type { LoadedConfig } from '../config/load.ts'
import { AppError } from '../errors.ts'
import { loadTariff } from '../tariffs/load.ts'
import type { Tariff } from '../tariffs/tariff.ts'

/**
 * The tariff that entry `index` of `prices` names: one that comes with Busbar, or a file beside the
 * configuration.
 *
 * @throws AppError `config-invalid`: with the place in the configuration when there is no such
 *   tariff, in the tariff's own file when that is wrong
 */
export const tariffOf = async (
  loaded: LoadedConfig,
  index: number,
  name: string,
): Promise<Tariff> => {
  try {
    return await loadTariff(name.includes('.') ? loaded.pathOf(name) : name)
  } catch (error) {
    if (!(error instanceof AppError) || error.details !== undefined) throw error
    const message = `"${name}" is no tariff: ${error.message}`
    throw loaded.fault(['prices', index, 'tariff'], message, error)
  }
}
