import type { LoadedConfig } from '../config/load.ts'
import { AppError } from '../errors.ts'

/** `meters/sum/formulas/powerW: ...`: a part of the configuration by its section and id. */
const NAMED = /^(brokers|meters|opcua|signals)\/([^/:\s]+)((?:\/[^/:\s]+)*):? (.*)$/s

/** A fault that an adapter found in its settings, with the place where they stand in the file. */
export const withPlace = (loaded: LoadedConfig, error: unknown): unknown => {
  if (!(error instanceof AppError) || error.code !== 'config-invalid') return error
  const [, section, id, rest, message] = NAMED.exec(error.message) ?? []
  if (message === undefined) return error
  const entries = loaded.config[section as 'meters'] ?? []
  const index = entries.findIndex((entry) => entry.id === id)
  if (index < 0) return error
  return loaded.fault([section, index, ...rest.split('/').slice(1)], message, error)
}
