import type { EvseMeasurement, Reading } from '../domain/reading.ts'
import type { Clock } from '../ports/clock.ts'
import type { MeterSource } from '../ports/meter-source.ts'
import { createHealth } from '../net/health.ts'

export interface StationMeterOptions {
  readonly id: string
  /** `stationId/evseId` */
  readonly evseKey: string
}

/** Calls back with every measurement of the EVSE until the returned function is called. */
export type SubscribeToEvse = (
  evseKey: string,
  listener: (measurement: EvseMeasurement) => void,
) => () => void

const readingOf = (meterId: string, measurement: EvseMeasurement): Reading => {
  const { measuredAtMs, receivedAtMs, currentA, powerW, voltageV, energyWh, soc } = measurement
  return {
    meterId,
    measuredAtMs,
    receivedAtMs,
    quality: 'good',
    ...(currentA === undefined ? {} : { currentA }),
    ...(powerW === undefined ? {} : { powerW }),
    ...(voltageV === undefined ? {} : { voltageV }),
    ...(energyWh === undefined ? {} : { energyImportWh: energyWh }),
    ...(soc === undefined ? {} : { soc }),
  }
}

/**
 * The meter inside a charger, as a meter of the site. The measurements come from whoever owns the
 * stations; those that hold nothing electrical are left out.
 */
export const createStationMeter = (
  { id, evseKey }: StationMeterOptions,
  subscribe: SubscribeToEvse,
  { clock }: { clock: Clock },
): MeterSource => {
  const state = createHealth(clock)
  let unsubscribe: (() => void) | null = null
  let readings = 0

  return {
    id,
    async start(accept) {
      unsubscribe?.()
      state.set(false, `waiting for the first meter values of ${evseKey}`)
      unsubscribe = subscribe(evseKey, (measurement) => {
        const reading = readingOf(id, measurement)
        const { currentA, powerW, energyImportWh } = reading
        if (!unsubscribe || (!currentA && powerW === undefined && energyImportWh === undefined)) {
          return
        }
        readings += 1
        state.set(true, `${readings} readings`)
        accept(reading)
      })
    },
    health: () => state.get(),
    async stop() {
      unsubscribe?.()
      unsubscribe = null
      state.set(false, 'stopped')
    },
  }
}
