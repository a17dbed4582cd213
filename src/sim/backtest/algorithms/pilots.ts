import { pilotSteps, type Pilots } from '../../../engine/plan/pilots.ts'
import type { NetworkEvse } from '../network/network.ts'

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
    case 'steps':
      return pilotSteps(minA, maxA, rule.stepA)
    case 'set':
      return [...new Set(rule.amps.filter((amps) => amps > 0 && amps <= maxA))].sort(
        (a, b) => a - b,
      )
  }
}
