/**
 * What a station's time stamps are worth. Stations run in 1970, in the future, or some minutes off
 * (field problem 29); others send old stamps because they replay an outage. The two are told apart
 * by their pace: a slow clock keeps its distance to ours, a replay runs through hours in seconds.
 */
export interface ClockWatch {
  /** Station time minus our time, once established; 0 = agrees, or not known. */
  skewMs: number
  lastOffsetMs: number
  lastReceivedMs: number
  /** Messages in a row that kept the distance. */
  steady: number
}

/** A station whose clock is further off is flagged (SteVe's tolerance, too). */
export const CLOCK_TOLERANCE_MS = 5 * 60_000
/** Nothing is charged before this: 2015-01-01. */
const EARLIEST_MS = 1_420_070_400_000
/** A distance that changes less than this between two messages has been kept. */
const PACE_MS = 3_000
/** Messages that are closer together prove nothing about pace. */
const APART_MS = 1_000
const STEADY_MESSAGES = 2

export const newClockWatch = (): ClockWatch => ({
  skewMs: 0,
  lastOffsetMs: 0,
  lastReceivedMs: 0,
  steady: 0,
})

/** After a connection or a boot: the station may have set its clock. */
export const resetClockWatch = (watch: ClockWatch): void => {
  watch.skewMs = 0
  watch.lastOffsetMs = 0
  watch.lastReceivedMs = 0
  watch.steady = 0
}

/**
 * When something happened, by our clock, in ms UTC: never later than `receivedMs`. `statedMs` is the
 * station's own time; `null` when it gave none.
 */
export const correctTime = (
  watch: ClockWatch,
  statedMs: number | null,
  receivedMs: number,
): number => {
  if (statedMs === null) return receivedMs
  const offsetMs = statedMs - receivedMs
  if (offsetMs > CLOCK_TOLERANCE_MS || statedMs < EARLIEST_MS) {
    watch.skewMs = offsetMs
    watch.steady = 0
    watch.lastOffsetMs = offsetMs
    watch.lastReceivedMs = receivedMs
    return receivedMs
  }
  const apartMs = receivedMs - watch.lastReceivedMs
  const kept = Math.abs(offsetMs - watch.lastOffsetMs) <= PACE_MS
  if (apartMs >= APART_MS || !kept) {
    watch.steady = kept ? watch.steady + 1 : 0
    watch.lastOffsetMs = offsetMs
    watch.lastReceivedMs = receivedMs
  }
  if (watch.steady >= STEADY_MESSAGES || Math.abs(offsetMs) <= PACE_MS) {
    watch.skewMs = Math.abs(offsetMs) <= PACE_MS ? 0 : offsetMs
  }
  return Math.min(statedMs - watch.skewMs, receivedMs)
}

/** The clock is off by more than five minutes. */
export const isClockWrong = (watch: ClockWatch): boolean =>
  Math.abs(watch.skewMs) > CLOCK_TOLERANCE_MS
