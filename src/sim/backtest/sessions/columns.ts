import { badLine } from '../../../engine/forecast/csv.ts'

/**
 * What the columns of a sessions file are called, small letters, the first that is there counts.
 * Busbar's own export comes first; then ACN-Data in the forms in which it is published.
 */
const NAMES = {
  id: ['session', 'session_id', 'sessionid'],
  station: ['station', 'station_id', 'stationid', 'spaceid'],
  connected: ['connectedat', 'arrival_5min', 'arrival', 'connectiontime'],
  ended: ['endedat', 'departure_5min', 'departure', 'disconnecttime'],
  energy: ['energykwh', 'kwh', 'delivered_energy (kwh)', 'kwhdelivered'],
  saidEnergy: ['saidenergykwh', 'requested_energy (kwh)', 'kwhrequested'],
  saidDeparture: ['saiddeparture', 'estimated_departure', 'requesteddeparture'],
  claimed: ['claimed'],
  user: ['user', 'userid'],
} as const

export type ColumnName = keyof typeof NAMES
const REQUIRED: readonly ColumnName[] = ['station', 'connected', 'ended', 'energy']

export interface Columns {
  /** Index of each column, -1 where the file has none. */
  readonly at: Readonly<Record<ColumnName, number>>
  /** Arrival and departure count steps of five minutes. */
  readonly inSteps: boolean
}

/** @throws AppError `payload-invalid` for a column that is missing */
export const columnsOf = (head: readonly string[]): Columns => {
  const names = head.map((name) => name.trim().toLowerCase())
  const at = Object.fromEntries(
    Object.entries(NAMES).map(([column, known]) => [
      column,
      Math.max(
        -1,
        ...known
          .map((name) => names.indexOf(name))
          .filter((k) => k >= 0)
          .slice(0, 1),
      ),
    ]),
  ) as Record<ColumnName, number>
  for (const column of REQUIRED) {
    if (at[column] >= 0) continue
    badLine(1, `there is no column "${NAMES[column][0]}" (or ${NAMES[column].slice(1).join(', ')})`)
  }
  const stepped = [at.connected, at.ended].map((index) => names[index].endsWith('_5min'))
  if (stepped[0] !== stepped[1])
    badLine(1, 'arrival and departure must both be times, or both steps')
  return { at, inSteps: stepped[0] }
}
