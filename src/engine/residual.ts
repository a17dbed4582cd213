import type { TimedTotal, DelayRange } from './meter-delay.ts'

/**
 * What flows through a metered node besides the devices that are steered (per row).
 *
 * A reading taken at t says that it lies in [total - high(t), total - low(t)], with the devices'
 * bounds of the same instant (`draw-history.ts`). The estimate moves only as far as that forces it:
 *
 *     U_k = clamp(U_k-1, total_k - high(t_k), total_k - low(t_k))
 *
 * What a device may be about to do is therefore never taken for the building. This hides nothing
 * that matters: what may be drawn counts against the limit together with U, so a total that stays
 * within U + high stays within the limit too, unless a device is about to follow a cut. As samples
 * come in, past bounds become narrow and the path is taken again from the start of the window, so a
 * mistaken rise ends with its cause.
 *
 * Nothing will ever say what a device drew that was not heard. What rises beside the others is put
 * down to the building, what falls to that device: with V for both together,
 *
 *     U_k = clamp(U_k-1 + max(0, V_k - V_k-1), V_k - silent(t_k), V_k)
 */
export interface Bounds {
  low(row: number, fromMs: number, toMs: number): number
  high(row: number, fromMs: number, toMs: number): number
  /** What devices that were not heard might have drawn at most. */
  silent(row: number, fromMs: number, toMs: number): number
}

const WINDOW_MS = 60_000
const ERROR_A = 2
const ERROR_W = 1_400
/** So many rises in a row are a trend, and a cut needs so long to work. */
const TREND_READINGS = 3
const FOLLOW_MS = 4_000

export interface Residual {
  /** Takes a reading; `atMs` is the time of receipt. */
  read(total: TimedTotal): void
  /** The largest estimate of the last `holdMs` of readings and the newest; `null` = never measured. */
  estimate(row: number): number | null
  /** Walks through the window again. */
  update(nowMs: number, delay: DelayRange, bounds: Bounds, rules: ResidualRules): void
  /** Readings from one instant of receipt to another, oldest first. */
  between(fromMs: number, toMs: number): readonly TimedTotal[]
  /** Nothing that was measured counts any more. */
  reset(): void
}

export interface ResidualRules {
  readonly holdMs: number
  /** What is assumed of the uncontrolled load before anything is known, per row. */
  readonly prior: readonly number[]
  /** The residual is never below this, per row: what sources below can deliver, as a negative load. */
  readonly least: readonly number[]
  /** What counts at least, per row, whatever is measured. */
  readonly floor: readonly number[]
}

/**
 * What the sources cannot explain is no estimate: the last one stands. Within the error of the
 * meters it is the least that is possible.
 */
const possible = (next: number, before: number | null, least: number, row: number): number => {
  if (next >= least) return next
  const isError = next >= least - (row < 3 ? ERROR_A : ERROR_W)
  return isError ? least : Math.max(least, before ?? least)
}

export const createResidual = (rowCount: number): Residual => {
  const totals: TimedTotal[] = []
  /** Where the path stood when the readings before the window left it. */
  const base: (number | null)[] = Array.from({ length: rowCount }, () => null)
  /** Estimates at the readings of the window. */
  const path: (number | null)[][] = Array.from({ length: rowCount }, () => [])
  /** The same of the building and the devices that are not heard, together. */
  const baseTogether: (number | null)[] = Array.from({ length: rowCount }, () => null)
  const together: (number | null)[][] = Array.from({ length: rowCount }, () => [])
  const held: (number | null)[] = Array.from({ length: rowCount }, () => null)

  /**
   * What rises from reading to reading goes on rising until a cut is followed: a cloud, a ramp. A
   * step is no trend, as it is the only rise.
   */
  const trend = (row: number, delay: DelayRange): number => {
    let perMs = Infinity
    const last = totals.length - 1
    for (let k = last; k > last - TREND_READINGS; k--) {
      const [a, b] = [path[row][k - 1] ?? null, path[row][k] ?? null]
      if (a === null || b === null || totals[k].atMs === totals[k - 1].atMs) return 0
      perMs = Math.min(perMs, (b - a) / (totals[k].atMs - totals[k - 1].atMs))
    }
    const lookAheadMs = ((delay.fromS + delay.toS) / 2) * 1000 + FOLLOW_MS
    return Math.max(0, perMs) * lookAheadMs
  }

  return {
    read: (total) => {
      totals.push(total)
    },
    estimate: (row) => held[row],
    between: (fromMs, toMs) => totals.filter(({ atMs }) => atMs > fromMs && atMs <= toMs),
    reset: () => {
      totals.length = 0
      base.fill(null)
      baseTogether.fill(null)
      held.fill(null)
    },
    update: (nowMs, delay, bounds, rules) => {
      let expired = 0
      while (expired + 1 < totals.length && totals[expired].atMs < nowMs - WINDOW_MS) expired++
      for (let row = 0; row < rowCount; row++) {
        if (expired > 0) {
          base[row] = path[row][expired - 1] ?? base[row]
          baseTogether[row] = together[row][expired - 1] ?? baseTogether[row]
        }
        path[row].length = 0
        together[row].length = 0
      }
      totals.splice(0, expired)
      const lastMs = totals.at(-1)?.atMs ?? 0
      for (let row = 0; row < rowCount; row++) {
        let u = base[row]
        let v = baseTogether[row]
        let most: number | null = null
        for (const { atMs, rows } of totals) {
          const total = rows[row]
          if (total !== null) {
            const fromMs = atMs - delay.toS * 1000 - 1000
            const toMs = atMs - delay.fromS * 1000 + 1000
            const upper = total - bounds.low(row, fromMs, toMs)
            const lower = total - bounds.high(row, fromMs, toMs)
            const silent = bounds.silent(row, fromMs, toMs)
            const before = u ?? rules.prior[row]
            // Of the building and those that are not heard together.
            const both: number = Math.min(upper, Math.max(lower, v ?? before))
            const rise = v === null ? 0 : Math.max(0, both - v)
            const next = Math.min(both, Math.max(both - silent, before + rise))
            v = both
            u = possible(next, u, rules.least[row], row)
            if (atMs >= lastMs - rules.holdMs) most = most === null ? u : Math.max(most, u)
          }
          path[row].push(u)
          together[row].push(v)
        }
        held[row] =
          most === null || u === null
            ? null
            : Math.max(most, u + trend(row, delay), rules.floor[row])
      }
    },
  }
}
