/**
 * What flows through a node besides the EVSEs that we steer (per line in amperes, or in watts).
 *
 * Where the loads have their own meters this is their sum. Where only the node has one, the part of
 * the EVSEs must be taken off: their own meters say it, late. Two things blur it. An EVSE that was
 * just allowed more may be ramping up already, and one that fell silent may still draw what it did:
 * that much of the total is `slack`, and within it the last estimate stands, so that neither is
 * mistaken for a growing building. While somebody is silent, every rise of the total is put down to
 * the building, every fall to the silent one.
 */
export interface ResidualState {
  readonly total: number
  readonly low: number
  readonly estimate: number
}

export interface EvsePart {
  /** What the EVSEs below the node measured and still report. */
  readonly low: number
  /** What they may draw beyond that without our knowing yet. */
  readonly slack: number
  /** Some of the slack belongs to EVSEs that we do not hear. */
  readonly silent: boolean
}

/** @param limit a measured total above it is corrected on the worst assumption */
export const residual = (
  total: number,
  evses: EvsePart,
  previous: ResidualState | null,
  limit: number,
): ResidualState => {
  const highest = total - evses.low
  let estimate = highest
  if (previous !== null && total <= limit) {
    const rise = evses.silent ? total - previous.total - (evses.low - previous.low) : 0
    const expected = previous.estimate + Math.max(0, rise)
    estimate = Math.min(highest, Math.max(highest - evses.slack, expected))
  }
  return { total, low: evses.low, estimate }
}

/**
 * The largest of the last few seconds: capacity that a load leaves is given out only once it has
 * stayed free, capacity that it takes is taken at once. Constant amortised cost (monotone queue).
 */
export interface PeakHold {
  /** Returns the largest value pushed in the last `holdMs`. */
  push(value: number, atMs: number, holdMs: number): number
}

export const createPeakHold = (): PeakHold => {
  let values: number[] = []
  let times: number[] = []
  return {
    push: (value, atMs, holdMs) => {
      while (values.length > 0 && values[values.length - 1] <= value) {
        values.pop()
        times.pop()
      }
      values.push(value)
      times.push(atMs)
      let expired = 0
      while (times[expired] < atMs - holdMs) expired++
      if (expired > 0) {
        values = values.slice(expired)
        times = times.slice(expired)
      }
      return values[0]
    },
  }
}
