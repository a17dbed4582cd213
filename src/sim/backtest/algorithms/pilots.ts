import type { NetworkEvse } from '../network/network.ts'

/** What an EVSE can be told: any current up to its maximum (`null`) or one of these, ascending from 0. */
export type Pilots = readonly number[] | null

/** How pilots are given in a backtest. */
export type PilotRule =
  | { readonly kind: 'continuous' }
  /** 0, or from the EVSE's minimum in steps. */
  | { readonly kind: 'steps'; readonly stepA: number }
  | { readonly kind: 'set'; readonly amps: readonly number[] }

/** The pilots of one EVSE under a rule. */
export const pilotsOf = (rule: PilotRule, { minA, maxA }: NetworkEvse): Pilots => {
  switch (rule.kind) {
    case 'continuous':
      return null
    case 'steps': {
      const count = Math.floor((maxA - minA) / rule.stepA + 1e-9)
      return [0, ...Array.from({ length: count + 1 }, (_, k) => minA + k * rule.stepA)]
    }
    case 'set':
      return [...new Set([0, ...rule.amps.filter((amps) => amps <= maxA)])].sort((a, b) => a - b)
  }
}
