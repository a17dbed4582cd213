import type { PerPhase } from '../domain/phases.ts'

/** To thousandths: sums of measured values end in digits that nobody measured. */
export const rounded = (value: number): number => Math.round(value * 1_000) / 1_000

export const roundedPhases = (values: PerPhase): PerPhase => [
  rounded(values[0]),
  rounded(values[1]),
  rounded(values[2]),
]
