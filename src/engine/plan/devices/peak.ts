import type { Peak } from '../connection.ts'
import { windowHours } from '../rows.ts'

/**
 * The billed level of one demand charge, P kW, at least what is billed already. The duals of its
 * windows pay for a higher level:
 *
 *     P = max( billed, Pb + (sum over windows of rho * hours - pricePerKw) / delta )
 */
export interface PeakLevel {
  readonly hours: Float64Array
  /** kW. */
  level: number
  centre: number
  /** Above the billed level, so that it moves with the duals. */
  isFree: boolean
  /** `first`: row of the block in `duals`. Sets the level; returns its cost with that of moving. */
  respond(duals: Float64Array, first: number, delta: number): number
}

/** Sum of the duals of all windows, currency per kW. */
export const pushOf = (
  peak: Peak,
  hours: Float64Array,
  duals: Float64Array,
  first: number,
): number => {
  let push = 0
  for (let w = 0; w < hours.length; w++) push += duals[first + peak.first[w]] * hours[w]
  return push
}

export const peakLevel = (peak: Peak): PeakLevel => {
  const hours = windowHours(peak)
  const self: PeakLevel = {
    hours,
    level: peak.billedKw,
    centre: peak.billedKw,
    isFree: false,
    respond: (duals, first, delta) => {
      const pull = pushOf(peak, hours, duals, first) - peak.pricePerKw
      const wanted = self.centre + pull / delta
      self.isFree = wanted > peak.billedKw
      self.level = self.isFree ? wanted : peak.billedKw
      const move = self.level - self.centre
      return -pull * self.level - peak.pricePerKw * peak.billedKw + 0.5 * delta * move * move
    },
  }
  return self
}
