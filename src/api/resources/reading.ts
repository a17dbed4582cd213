import type { Static } from 'typebox'
import type { EvseMeasurement, Reading } from '../../domain/reading.ts'
import type { LatestReading } from '../../ports/readings.ts'
import type { Row } from '../../ports/tables.ts'
import { choice, flag, named, nullable, number, optional, perPhase, text, time } from '../shapes.ts'
import { iso, isoOrNull } from '../time.ts'

const QUANTITIES = {
  currentA: optional(perPhase('amperes, positive into the site')),
  powerW: optional(number('positive into the site')),
  powerPerPhaseW: optional(perPhase('watts')),
  voltageV: optional(perPhase('line to neutral')),
  energyImportWh: optional(number('register')),
  energyExportWh: optional(number('register')),
  frequencyHz: optional(number()),
  soc: optional(number('state of charge, 0 to 1')),
}

export const READING = named(
  'Reading',
  'What a meter measured; a quantity that it does not give is absent',
  {
    meterId: text(),
    measuredAt: time("by the meter's own clock"),
    receivedAt: nullable(time()),
    quality: choice(['good', 'uncertain', 'suspect', 'bad']),
    reason: optional(text('why it is suspect or bad')),
    held: optional(flag('the source repeats its last value and no longer updates it')),
    ...QUANTITIES,
  },
)

export const LATEST_READING = named('LatestReading', 'The newest reading of a meter', {
  ...READING.properties,
  stale: flag('too old to say anything about now'),
  ageS: number(),
})

export const presentReading = (reading: Reading): Static<typeof READING> => {
  const { measuredAtMs, receivedAtMs, ...rest } = reading
  return { ...rest, measuredAt: iso(measuredAtMs), receivedAt: iso(receivedAtMs) }
}

export const presentLatest = ({
  reading,
  stale,
  ageS,
}: LatestReading): Static<typeof LATEST_READING> => ({ ...presentReading(reading), stale, ageS })

type Quantities = Omit<Reading, 'meterId' | 'measuredAtMs' | 'receivedAtMs' | 'quality'>

/** A stored reading: `values` is what a Reading holds beside the columns. */
export const presentReadingRow = (row: Row<'reading'>): Static<typeof READING> => ({
  ...(row.values as Quantities | null),
  meterId: row.meterId ?? '',
  measuredAt: iso(row.measuredAtMs ?? 0),
  receivedAt: isoOrNull(row.receivedAtMs),
  quality: (row.quality as Reading['quality'] | null) ?? 'uncertain',
})

export const MEASUREMENT = named('Measurement', "What an EVSE's own meter says, in site phases", {
  measuredAt: time(),
  receivedAt: time(),
  currentA: optional(perPhase('amperes')),
  powerW: optional(number()),
  voltageV: optional(perPhase('line to neutral')),
  energyWh: optional(number('lifetime register')),
  soc: optional(number('state of charge of the vehicle, 0 to 1')),
  offeredA: optional(number('what the EVSE says it offers, per conductor')),
  suspect: optional(text('which of its values contradict each other; the highest counts')),
})

export const presentMeasurement = (measured: EvseMeasurement): Static<typeof MEASUREMENT> => {
  const { measuredAtMs, receivedAtMs, ...rest } = measured
  return { ...rest, measuredAt: iso(measuredAtMs), receivedAt: iso(receivedAtMs) }
}
