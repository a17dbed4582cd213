import type { PlanPeak, PlanProblem } from './problem.ts'

/**
 * Demand that gets cheaper above a threshold is a charge and, from the threshold on, a negative
 * one (24.37 a kW, from 100 kW on 7.34 less). Its cost of a peak level P is concave there, so no
 * convex solver can take it; but a negative charge is the lesser of two lines,
 *
 *     -s max(0, P - b) = min( 0, s (b - P) )
 *
 * and the least cost is the least over the choices of lines. With the second line chosen, s comes
 * off the price of the charges of the same windows and s (b - b0) is paid in any case, where b0 is
 * the level from which these charges count:
 *
 *     p max(0, P - b0) + s (b - P) = (p - s) (P - b0) + s (b - b0)        for P >= b0
 *
 * Each choice is a convex problem that costs at least the truth, and one of them costs just that.
 */
export interface PeakChoice {
  readonly peaks: readonly PlanPeak[]
  /** To be added to the cost of the problem with these peaks. */
  readonly constant: number
}

export interface PeakChoices {
  readonly choices: readonly PeakChoice[]
  /** The least of their lower bounds is one of the problem: no choice was left out. */
  readonly isComplete: boolean
}

/** Choices that are solved at most; a month of a tariff with one threshold has two. */
const MOST_CHOICES = 16

/** Charges that see the same peak level have the same windows. */
const windowsOf = ({ windowSteps, offset, mask }: PlanPeak): string => {
  const first = ((offset % windowSteps) + windowSteps) % windowSteps
  return `${windowSteps} ${first} ${mask.join('')}`
}

/** Highest mean import that any window can come to, watts. */
const reachableW = ({ steps, evs, batteries, baseW }: PlanProblem): number => {
  const watts = baseW.slice()
  for (const { arrive, depart, maxA, wattsPerAmp } of evs) {
    for (let t = arrive; t < depart; t++) watts[t] += maxA * wattsPerAmp
  }
  for (const { arrive, depart, maxChargeW } of batteries) {
    for (let t = arrive; t < depart; t++) watts[t] += maxChargeW
  }
  let highest = 0
  for (let t = 0; t < steps; t++) highest = Math.max(highest, watts[t])
  return highest
}

interface Option extends PeakChoice {
  readonly isExact: boolean
}

/** Charges of the same windows, the lowest level first, with the second line of `taken` negative ones. */
const optionOf = (charges: readonly PlanPeak[], taken: readonly PlanPeak[]): Option => {
  const prices = charges.map(({ pricePerKw }) => pricePerKw)
  let constant = 0
  let isExact = true
  for (const { pricePerKw, billedW } of taken) {
    // Below the level that is free anyway, drawing more would be paid for: no plan aims at that.
    const fromW = Math.max(billedW, charges[0]?.billedW ?? Infinity)
    let left = -pricePerKw
    charges.forEach((charge, k) => {
      const part = charge.billedW <= fromW ? Math.min(left, prices[k]) : 0
      prices[k] -= part
      left -= part
      constant += (part * (fromW - charge.billedW)) / 1000
    })
    if (fromW > billedW || left > 1e-9 * -pricePerKw) isExact = false
  }
  return {
    peaks: charges.map((charge, k) => ({ ...charge, pricePerKw: prices[k] })),
    constant,
    isExact,
  }
}

const optionsOf = (peaks: readonly PlanPeak[]): Option[] => {
  const byLevel = [...peaks].sort((a, b) => a.billedW - b.billedW)
  const charges = byLevel.filter(({ pricePerKw }) => pricePerKw >= 0)
  const negative = byLevel.filter(({ pricePerKw }) => pricePerKw < 0)
  // A level above a threshold is above all lower ones: the lines are taken in their order.
  return Array.from({ length: negative.length + 1 }, (_, count) =>
    optionOf(charges, negative.slice(0, count)),
  )
}

/** The problem's demand charges as convex choices; one when no charge is negative. */
export const peakChoices = (problem: PlanProblem): PeakChoices => {
  const most = reachableW(problem)
  const counting = problem.peaks.filter(
    ({ pricePerKw, billedW }) => pricePerKw >= 0 || billedW < most,
  )
  if (counting.every(({ pricePerKw }) => pricePerKw >= 0)) {
    return { choices: [{ peaks: counting, constant: 0 }], isComplete: true }
  }
  let choices: PeakChoice[] = [{ peaks: [], constant: 0 }]
  let isComplete = true
  for (const group of Map.groupBy(counting, windowsOf).values()) {
    const all = optionsOf(group)
    const options = choices.length * all.length > MOST_CHOICES ? all.slice(0, 1) : all
    if (options.length < all.length || all.some(({ isExact }) => !isExact)) isComplete = false
    choices = choices.flatMap((choice) =>
      options.map(({ peaks, constant }) => ({
        peaks: [...choice.peaks, ...peaks],
        constant: choice.constant + constant,
      })),
    )
  }
  return { choices, isComplete }
}
