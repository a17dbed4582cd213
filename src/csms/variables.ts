import { HIDDEN, isSecretName } from '../domain/redact.ts'
import type { Clock } from '../ports/clock.ts'
import type { Storage, StoredRecord } from '../ports/storage.ts'
import type { StationVariable } from './capability.ts'
import type { Journal } from './journal.ts'

/** Variables of one station that are kept; a station that reports more is cut, and it is logged. */
export const MAX_VARIABLES = 20_000
/** Longest value that is kept (OCPP 2.0.1: 2500). */
const MAX_VALUE = 2_500

/**
 * Configuration keys of 1.6 and device model of 2.x, in one table. They are read rarely, so they
 * live in the storage and not in memory.
 */
export interface Variables {
  /** Everything that the station ever reported, ordered by component. */
  list(stationId: string): Promise<StationVariable[]>
  /** Stores what a station reported; resolves when it is durable. */
  store(stationId: string, variables: readonly StationVariable[]): Promise<void>
}

export const createVariables = (clock: Clock, storage: Storage, journal: Journal): Variables => ({
  list: async (stationId) => {
    const rows = await storage.query('variable', {
      where: { stationId },
      orderBy: 'component',
      limit: MAX_VARIABLES,
    })
    return rows.map((row) => ({
      component: row.component,
      variable: row.variable,
      attribute: row.attribute,
      value: row.value,
      readonly: row.readonly === 1,
    }))
  },

  store: async (stationId, variables) => {
    const updatedAtMs = clock.now()
    const records: StoredRecord[] = variables.slice(0, MAX_VARIABLES).map((variable) => ({
      table: 'variable',
      row: {
        stationId,
        component: variable.component,
        variable: variable.variable,
        attribute: variable.attribute,
        value: valueToKeep(variable),
        readonly: variable.readonly ? 1 : 0,
        updatedAtMs,
      },
    }))
    if (records.length > 0) await journal.commit(records)
  },
})

/** A station may report its password; it is nobody's business, the storage's neither. */
const valueToKeep = ({ variable, value }: StationVariable): string | null => {
  if (value === null || value === '') return value
  return isSecretName(variable) ? HIDDEN : value.slice(0, MAX_VALUE)
}
