import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { StationRecord } from './live.ts'

const MINUTE_MS = 60_000
/** Lines in the log about unknown stations, per minute. */
const MAX_LINES = 10

/**
 * The bounds of what strangers can make us remember: names in memory, rows on the disk, lines in the
 * log. Whoever makes up names can fill none of them, and a real new station always finds a place.
 */
export const createQuarantine = ({
  clock,
  log,
  max,
}: {
  readonly clock: Clock
  readonly log: Log
  readonly max: number
}) => {
  /** Names that have a row; never taken out, so that the rows of one run are bounded. */
  const stored = new Set<string>()
  let minute = -1
  let lines = 0
  let unlogged = 0

  return {
    /** Whether the station may have a row. */
    mayStore: (stationId: string): boolean => {
      if (!stored.has(stationId) && stored.size >= max) return false
      stored.add(stationId)
      return true
    },

    isStored: (stationId: string): boolean => stored.has(stationId),

    /**
     * The one to forget for a new one: not connected, seen longest ago. `null`: all of them are
     * connected. O(stations).
     */
    oldest: (stations: Iterable<StationRecord>): StationRecord | null => {
      let oldest: StationRecord | null = null
      for (const station of stations) {
        if (station.state !== 'quarantined' || station.connection !== null) continue
        if (oldest === null || seenMs(station) < seenMs(oldest)) oldest = station
      }
      return oldest
    },

    /** A line in the log, unless there were many in this minute; then only their number. */
    log: (stationId: string, message: string): void => {
      const now = Math.floor(clock.now() / MINUTE_MS)
      if (now !== minute) {
        minute = now
        lines = 0
      }
      if (lines >= MAX_LINES) {
        unlogged++
        return
      }
      lines++
      log.info(unlogged > 0 ? { stationId, unlogged } : { stationId }, message)
      unlogged = 0
    },
  }
}

const seenMs = ({ lastSeenAtMs, createdAtMs }: StationRecord): number => lastSeenAtMs ?? createdAtMs
