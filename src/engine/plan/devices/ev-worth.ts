import { levelFor, type Vessels } from './threshold.ts'

/** What a kWh is worth to one vehicle, in units of eps. */
export interface Worth {
  /** Before and from the step of its minimum; equal where there is none. */
  early: number
  late: number
  /** The whole need is met: a change at one step must be taken back at another. */
  isMet: boolean
  /** The minimum and the rest are balances of their own. */
  isSplit: boolean
}

/** One vehicle's window: amounts in units of full power, prices in units of eps. */
export interface Wish {
  length: number
  topShift: number
  need: number
  /** Shortfall price. */
  cap: number
  /** Wanted before entry `by`; 0 where there is none. */
  minimum: number
  by: number
  /** Price of missing the minimum. */
  bonus: number
}

const SMALL = 1e-9

const heldAt = ({ keys, tops }: Vessels, last: number, topShift: number, level: number): number => {
  let sum = 0
  for (let k = 0; k < last; k++) {
    const part = level - keys[k]
    if (part > 0) sum += Math.min(part, tops[k + topShift])
  }
  return sum
}

const shiftKeys = ({ keys }: Vessels, last: number, by: number): void => {
  for (let k = 0; k < last; k++) keys[k] += by
}

/** The minimum would be missed at `worth.late`: lift the early steps until it is met or `bonus`. */
const lift = (vessels: Vessels, wish: Wish, worth: Worth): void => {
  const { length, topShift, need, cap, minimum, by, bonus } = wish
  const level = worth.late
  shiftKeys(vessels, by, -bonus)
  const lifted = levelFor(vessels, 0, length, topShift, need, cap, level)
  const early = heldAt(vessels, by, topShift, lifted)
  shiftKeys(vessels, by, bonus)
  if (early <= minimum + SMALL) {
    worth.early = lifted + bonus
    worth.late = lifted
    worth.isMet = lifted < cap
    return
  }
  worth.early = levelFor(vessels, 0, by, topShift, minimum, cap + bonus, level)
  worth.late = levelFor(vessels, by, length, topShift, need - minimum, cap, level)
  worth.isMet = worth.late < cap
  worth.isSplit = true
}

/**
 * Fills `worth` for the vehicle whose keys (price / eps - centre) are in `vessels`.
 * `guess` starts the search.
 */
export const findWorth = (vessels: Vessels, wish: Wish, guess: number, worth: Worth): void => {
  const { length, topShift, need, cap, minimum, by } = wish
  worth.late = levelFor(vessels, 0, length, topShift, need, cap, guess)
  worth.early = worth.late
  worth.isMet = worth.late < cap
  worth.isSplit = false
  if (minimum === 0 || heldAt(vessels, by, topShift, worth.late) >= minimum - SMALL) return
  lift(vessels, wish, worth)
}
