import type { Start } from './transaction-book.ts'

/** Transactions of a station that are remembered; more than any station sends again. */
const MOST_PER_STATION = 500
/** Transactions of all stations that are taken from the storage at the start. */
export const MOST_LOADED = 20_000

interface OfStation {
  /** Transaction ids by start, the latest last. */
  readonly starts: Map<string, string>
  readonly ids: Set<string>
  /** Some were forgotten: what is not found here may still be stored. */
  isPartial: boolean
}

/**
 * What recognizes a start that was sent before, and an id that is taken, without asking the storage:
 * a driver waits for the answer. Bounded per station; rebuilt at the start of the program.
 */
export interface KnownStarts {
  add(stationId: string, start: Start, transactionId: string): void
  /** `undefined` = the storage must be asked. */
  sameStart(stationId: string, start: Start): string | null | undefined
  isTaken(stationId: string, transactionId: string): boolean | undefined
  /** The storage holds more than was loaded. */
  setPartial(): void
}

const keyOf = ({ connectorId, idToken, startedAtMs, meterStartWh }: Start): string =>
  JSON.stringify([connectorId, idToken, startedAtMs, meterStartWh])

export const createKnownStarts = (): KnownStarts => {
  const stations = new Map<string, OfStation>()
  let isPartial = false

  const of = (stationId: string): OfStation => {
    let station = stations.get(stationId)
    if (!station) {
      station = { starts: new Map(), ids: new Set(), isPartial: false }
      stations.set(stationId, station)
    }
    return station
  }

  return {
    add: (stationId, start, transactionId) => {
      const station = of(stationId)
      station.starts.set(keyOf(start), transactionId)
      station.ids.add(transactionId)
      if (station.starts.size <= MOST_PER_STATION) return
      const [key, id] = station.starts.entries().next().value!
      station.starts.delete(key)
      station.ids.delete(id)
      station.isPartial = true
    },
    sameStart: (stationId, start) => {
      const station = of(stationId)
      const found = station.starts.get(keyOf(start))
      if (found !== undefined) return found
      return isPartial || station.isPartial ? undefined : null
    },
    isTaken: (stationId, transactionId) => {
      const station = of(stationId)
      if (station.ids.has(transactionId)) return true
      return isPartial || station.isPartial ? undefined : false
    },
    setPartial: () => {
      isPartial = true
    },
  }
}
