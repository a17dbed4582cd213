/**
 * How old the readings of a meter are, found from what the devices behind it did. For each delay the
 * residual (total less devices at that earlier instant) is only known as a band; the path through the
 * bands that moves least says how much a building would have to jump about to explain the readings.
 * The true delay needs the least:
 *
 *     cost(d) = sum_k |U_k - U_k-1|,   U_k = clamp(U_k-1, total_k - high(t_k - d), total_k - low(t_k - d))
 *
 * Delays whose cost is close to the least remain possible; without anything that moves all do.
 * O(delays x readings) every ten seconds.
 */
export interface DelayRange {
  readonly fromS: number
  readonly toS: number
}

/** Bands of the devices at an instant, per row. */
export interface DrawBounds {
  low(row: number, atMs: number): number
  high(row: number, atMs: number): number
}

export interface TimedTotal {
  readonly atMs: number
  /** Per row; `null` = not measured. */
  readonly rows: readonly (number | null)[]
}

export const LONGEST_DELAY_S = 30
/** Without better knowledge a meter is not older than this. */
export const PRIOR: DelayRange = { fromS: 0, toS: 15 }
/** Of a line that is known in watts only, an ampere is worth so many on three phases. */
const WATTS = 690
/** What happened fades by this part with each evaluation. */
const KEEP = 0.98
/** Less evidence than this, in amperes of jumps avoided, decides nothing. */
const TOLERANCE_A = 4

export const createMeterDelay = () => {
  const costs = new Float64Array(LONGEST_DELAY_S + 1)
  let learned: DelayRange | null = null

  const pathCost = (
    totals: readonly TimedTotal[],
    row: number,
    delayS: number,
    bounds: DrawBounds,
  ): number => {
    let cost = 0
    let u = NaN
    for (const { atMs, rows } of totals) {
      const total = rows[row]
      if (total === null) continue
      const thenMs = atMs - delayS * 1000
      const least = total - bounds.high(row, thenMs)
      const most = total - bounds.low(row, thenMs)
      if (Number.isNaN(u)) u = (least + most) / 2
      const next = Math.min(most, Math.max(least, u))
      cost += Math.abs(next - u)
      u = next
    }
    return cost
  }

  return {
    /** The readings since the last call, oldest first; all old enough for the devices to be known. */
    observe: (
      totals: readonly TimedTotal[],
      lines: readonly number[],
      bounds: DrawBounds,
    ): void => {
      let least = Infinity
      for (let d = 0; d <= LONGEST_DELAY_S; d++) {
        let cost = 0
        for (const row of lines) cost += pathCost(totals, row, d, bounds) / (row < 3 ? 1 : WATTS)
        costs[d] = costs[d] * KEEP + cost / lines.length
        least = Math.min(least, costs[d])
      }
      const tolerance = TOLERANCE_A + 0.05 * least
      const possible = [...costs.keys()].filter((d) => costs[d] <= least + tolerance)
      // Everything is possible while nothing moves.
      if (possible.length > LONGEST_DELAY_S) return
      learned = { fromS: possible[0], toS: possible[possible.length - 1] }
    },
    /** @param statedS age by the meter's own time stamps; `null` = it has none */
    range: (statedS: number | null): DelayRange => {
      const stated = statedS !== null && {
        fromS: Math.max(0, statedS - 1),
        toS: statedS + 1,
      }
      if (learned === null) return stated || PRIOR
      // Its clock may be wrong: it is believed while it agrees with what is seen.
      return stated && stated.toS >= learned.fromS && stated.fromS <= learned.toS ? stated : learned
    },
  }
}

export type MeterDelay = ReturnType<typeof createMeterDelay>
