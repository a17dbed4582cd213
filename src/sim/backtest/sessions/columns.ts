import { badLine, type CsvTable } from '../../../domain/csv-table.ts'
import { findColumns, type ColumnMap } from '../../../net/csv-columns.ts'

/**
 * What the columns of a sessions file are called, in any spelling (`findColumns`). Busbar's own
 * export comes first; then ACN-Data in the forms in which it is published; then evcc, ChargePoint
 * (as Boulder and Palo Alto publish it), openWB, and the Norwegian apartment buildings (Sorensen et
 * al. 2021).
 */
const NAMES = {
  id: ['session', 'session id', 'plug in event id', 'id'],
  station: ['station', 'station id', 'space id', 'charging point', 'charge point', 'loadpoint', 'ladepunkt', 'evse id', 'station name', 'charger id', 'garage id'], // prettier-ignore
  connected: ['connectedAt', 'arrival_5min', 'arrival', 'connection time', 'created', 'start date time', 'start date', 'start plugin', 'start time', 'start', 'begin', 'beginn'], // prettier-ignore
  ended: ['endedAt', 'departure_5min', 'departure', 'disconnect time', 'finished', 'end date time', 'end date', 'end plugout', 'end time', 'end', 'ende'], // prettier-ignore
  energy: ['energyKwh', 'kwh', 'delivered energy (kwh)', 'kwh delivered', 'el kwh', 'charged energy (kwh)', 'total kwh'], // prettier-ignore
  saidEnergy: ['saidEnergyKwh', 'requested energy (kwh)', 'kwh requested'],
  saidDeparture: ['saidDeparture', 'estimated departure', 'requested departure'],
  claimed: ['claimed'],
  user: ['user', 'user id', 'identifier', 'vehicle'],
} as const

export type ColumnName = keyof typeof NAMES
const REQUIRED: readonly ColumnName[] = ['station', 'connected', 'ended', 'energy']

export interface Columns {
  /** Index of each column, -1 where the file has none. */
  readonly at: Readonly<Record<ColumnName, number>>
  /** Arrival and departure count steps of five minutes. */
  readonly inSteps: boolean
}

/** @throws AppError `payload-invalid` for columns that are missing, all at once */
export const columnsOf = (table: CsvTable, map?: ColumnMap): Columns => {
  const at = findColumns(table, NAMES, REQUIRED, map)
  const isStep = (index: number): boolean => table.names[index].endsWith('_5min')
  if (isStep(at.connected) !== isStep(at.ended)) {
    badLine(1, 'arrival and departure must both be times, or both steps')
  }
  return { at, inSteps: isStep(at.connected) }
}
