/**
 * What a station's time stamps are worth. Stations run in 1970, in the future, or some minutes off
 * (field problem 29); others send old stamps because they replay an outage. The two are told apart
 * by their pace: a slow clock keeps its distance to ours, a replay runs through hours in seconds.
 */
export interface ClockWatch {
  /** Station time minus our time, once established; 0 = agrees, or not known. */
  skewMs: number
  /**
   * The distance that several messages kept, or one showed to be none: what times that we send are
   * shifted by. `null` = not known.
   */
  settledMs: number | null
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
  settledMs: null,
  lastOffsetMs: 0,
  lastReceivedMs: 0,
  steady: 0,
})

/** After a connection: what comes first may be a replay. The clock itself goes on as before. */
export const resetClockWatch = (watch: ClockWatch): void => {
  watch.skewMs = 0
  watch.lastOffsetMs = 0
  watch.lastReceivedMs = 0
  watch.steady = 0
}

/** After a boot: the station may have lost its clock, or set it. */
export const forgetClock = (watch: ClockWatch): void => {
  resetClockWatch(watch)
  watch.settledMs = null
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
  const agrees = Math.abs(offsetMs) <= PACE_MS
  const apartMs = receivedMs - watch.lastReceivedMs
  const kept = Math.abs(offsetMs - watch.lastOffsetMs) <= PACE_MS
  if (apartMs >= APART_MS || !kept) {
    watch.steady = kept ? watch.steady + 1 : 0
    watch.lastOffsetMs = offsetMs
    watch.lastReceivedMs = receivedMs
  }
  const settles = agrees || watch.steady >= STEADY_MESSAGES
  if (settles) watch.settledMs = agrees ? 0 : offsetMs
  // No event of an outage has such a time: the clock is off, if not certainly by so much.
  const impossible = offsetMs > CLOCK_TOLERANCE_MS || statedMs < EARLIEST_MS
  if (settles || impossible) watch.skewMs = agrees ? 0 : offsetMs
  if (impossible) return receivedMs
  return Math.min(statedMs - watch.skewMs, receivedMs)
}

/** The clock is off by more than five minutes. */
export const isClockWrong = (watch: ClockWatch): boolean =>
  Math.abs(watch.skewMs) > CLOCK_TOLERANCE_MS
