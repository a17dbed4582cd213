/** What each session should draw over the horizon, and what that costs. */
export interface Plan {
  readonly id: string
  readonly createdAtMs: number
  readonly startMs: number
  readonly stepS: number
  readonly steps: number
  readonly method: 'optimal' | 'greedy'
  /** Why it is the greedy's plan; `null` for the optimal one. */
  readonly fallbackBecause: string | null
  readonly sessions: readonly PlannedSession[]
  /** Sum of what we steer per step, watts; positive = draw. */
  readonly controlledW: readonly number[]
  /** Forecast of everything else at the grid connection (load minus PV) per step, watts. */
  readonly baseW: readonly number[]
  /** What the planner makes as small as it can: all of `costs`. Not what the bill will say. */
  readonly cost: number
  readonly costs: PlanCosts
  /** Certified lower bound of the cost; `null` where it is not known (greedy). */
  readonly lowerBound: number | null
  /** What binds, in the order of its cost. */
  readonly bottlenecks: readonly Bottleneck[]
}

/** The cost of a plan by cause, in the currency of the site; on top of what the base load costs. */
export interface PlanCosts {
  /** Energy bought less energy sold: money. */
  readonly energy: number
  /** What charging adds to the demand charges beyond what is billed already: money. */
  readonly demand: number
  /** What the base load alone adds to them: money, but no cost of charging. */
  readonly baseDemand: number
  /** What carbon is weighted with. */
  readonly carbon: number
  /** What is not served, at its price: nobody pays it. */
  readonly shortfall: number
  /** Deviations from setpoints, wear of batteries, and limits that the base load alone exceeds. */
  readonly other: number
}

export interface PlannedSession {
  readonly sessionId: string
  readonly key: string
  /** Watts per step. */
  readonly powerW: readonly number[]
  readonly energyWh: number
  /** Wanted but impossible, with the reason for a person. */
  readonly unservedWh: number
  readonly unservedBecause: string | null
}

/** A limit that binds, for some time. */
export interface Bottleneck {
  readonly nodeId: string | null
  readonly kind: 'phase' | 'power' | 'peak' | 'event' | 'imbalance'
  readonly phase: 'L1' | 'L2' | 'L3' | null
  /** Of `kind` event: whose limit it is. */
  readonly eventId: string | null
  readonly startMs: number
  readonly endMs: number
  /** Currency per kWh that one more kWh through it would save. */
  readonly pricePerKwh: number
  /** "Feeder B L2 is the bottleneck from 17:15 to 18:00". */
  readonly text: string
}

/** Amounts below this are nothing to divide by. */
const SMALL_AMOUNT = 0.01

/**
 * How far the plan can be from the best one, as a part of the least possible cost (0.001 = 0.1 %);
 * `null` where no bound is known.
 */
export const planGap = ({ cost, lowerBound }: Pick<Plan, 'cost' | 'lowerBound'>): number | null =>
  lowerBound === null
    ? null
    : Math.max(0, cost - lowerBound) / Math.max(SMALL_AMOUNT, Math.abs(lowerBound))
