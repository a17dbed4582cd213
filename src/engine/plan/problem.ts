import type { LineCurrent } from '../../domain/wiring.ts'

/**
 * The planning problem, in plain numbers: steps t = 0..steps-1 of `stepS` seconds. Power in watts,
 * energy in watt-hours, money per kWh. Needs are soft with a price, physics is hard, so there is
 * always an answer.
 */
export interface PlanProblem {
  readonly startMs: number
  readonly stepS: number
  readonly steps: number
  /** Parents before children; `nodes[0]` is the grid connection. */
  readonly nodes: readonly PlanNode[]
  readonly evs: readonly PlanEv[]
  /** Stationary batteries and vehicles that can discharge. */
  readonly batteries: readonly PlanBattery[]
  /** Price of import and revenue of export per step, currency per kWh (carbon already weighted in). */
  readonly importPrice: Float64Array
  readonly exportPrice: Float64Array
  /** Everything that is not planned, at the grid connection (load minus PV), watts per step. */
  readonly baseW: Float64Array
  readonly peaks: readonly PlanPeak[]
  readonly setpoint: PlanSetpoint | null
  /** Largest difference between any two lines at the grid connection from planned loads and base. */
  readonly imbalance: { readonly limitA: number; readonly baseA: readonly Float64Array[] } | null
  /** Which caps of nodes grid events set. For the words of a plan only: no solver reads it. */
  readonly capEvents?: readonly CapEvent[]
  /** The part of `importPrice` that is the weight of carbon, likewise for the words only. */
  readonly carbonPrice?: Float64Array
}

/** Follow this net power of all planned devices, with the price of a deviation per kWh. */
export interface PlanSetpoint {
  readonly powerW: Float64Array
  readonly pricePerKwh: number
  /** Steps in which it holds (1); absent = all. */
  readonly mask?: Uint8Array
}

/** The cap of a node in steps [from, to) comes from an event, not from the node's own rating. */
export interface CapEvent {
  readonly node: number
  /** Line 0..2 of a cap in amperes, -1 for one in watts. */
  readonly line: number
  readonly from: number
  readonly to: number
  readonly eventId: string
}

export interface PlanNode {
  readonly id: string
  /** Index into `nodes`, -1 for the root. */
  readonly parent: number
  /** What planned devices may draw per line and step, amperes; base load and margin already taken off. `null` = no limit. */
  readonly capA: readonly [Float64Array, Float64Array, Float64Array] | null
  /** What planned devices may draw in total per step, watts (rating less base, or an event); may be below 0. `null` = no limit. */
  readonly capW: Float64Array | null
  /** The most they may feed back, watts per step (>= 0). `null` = no limit. */
  readonly exportCapW: Float64Array | null
  /**
   * The most they may feed back per line and step, amperes; absent or `null` = the same as `capA`.
   * Set it where batteries must be able to discharge into a line that the base load fills.
   */
  readonly exportCapA?: readonly [Float64Array, Float64Array, Float64Array] | null
  /**
   * Set where the caps in amperes are meant at the delta side of a transformer whose wye side feeds
   * everything below (see `atDeltaSide` in domain/wiring.ts): its turns ratio. Absent or `null` =
   * line currents as the devices have them.
   */
  readonly deltaRatio?: number | null
}

export interface PlanEv {
  readonly id: string
  readonly key: string
  /** Index into `nodes`. */
  readonly node: number
  readonly line: LineCurrent
  readonly wattsPerAmp: number
  /** Per conductor. */
  readonly minA: number
  readonly maxA: number
  /** Plugged in during steps [arrive, depart). */
  readonly arrive: number
  readonly depart: number
  readonly needWh: number
  /** Price of a kWh not delivered. Priority raises it. */
  readonly shortfallPrice: number
  /** Part of the need that must be there earlier, at a higher price; `null` = none. */
  readonly minimum: { readonly needWh: number; readonly by: number; readonly price: number } | null
  /** Upper limit per step from events on this EVSE or its vehicle, amperes; `null` = `maxA`. */
  readonly capA: Float64Array | null
}

export interface PlanBattery {
  readonly id: string
  /** EVSE key for a vehicle, otherwise the battery's own id. */
  readonly key: string
  readonly node: number
  readonly line: LineCurrent
  readonly wattsPerAmp: number
  readonly maxChargeW: number
  readonly maxDischargeW: number
  readonly chargeEfficiency: number
  readonly dischargeEfficiency: number
  readonly energyWh: number
  readonly minEnergyWh: number
  readonly maxEnergyWh: number
  /** Wear, per kWh discharged. */
  readonly cyclePrice: number
  readonly arrive: number
  readonly depart: number
  /** Wanted content at `depart`, soft. */
  readonly targetWh: number
  readonly shortfallPrice: number
}

/** Demand charge on the highest window average of the net import at the grid connection. */
export interface PlanPeak {
  /** Below 0 = what demand above `billedW` is cheaper by than the charges of the same windows. */
  readonly pricePerKw: number
  /** Already billed (or ratcheted): reaching it again is free. */
  readonly billedW: number
  /** Number of steps per averaging window; windows start at step `offset` and follow each other. */
  readonly windowSteps: number
  readonly offset: number
  /** Steps that count (season, time of day); 1 = counts. */
  readonly mask: Uint8Array
}

export interface PlanSolution {
  readonly method: 'optimal' | 'greedy'
  /** Why it is the greedy's plan, for the log; `null` for the optimal one. */
  readonly fallbackBecause: string | null
  /** Watts per step, in the order of `evs`. */
  readonly evW: readonly Float64Array[]
  /** Watts per step, positive = charge, in the order of `batteries`. */
  readonly batteryW: readonly Float64Array[]
  readonly unservedWh: Float64Array
  /** What each battery lacks of its target at departure, in the order of `batteries`. */
  readonly batteryUnservedWh: Float64Array
  /**
   * Cost of this plan, an upper bound of the optimum: what the planned devices add to the bill,
   * with shortfalls, wear and deviations at their prices; demand charges beyond what is billed.
   */
  readonly upperBound: number
  /** The same by cause. */
  readonly cost: PlanCost
  /** Certified: no plan costs less. `-Infinity` where unknown (greedy). */
  readonly lowerBound: number
  readonly prices: readonly RowPrice[]
  /** Hand it to the next solve of a similar problem; `null` for the greedy. */
  readonly warm: WarmStart | null
}

/** What a plan costs, by cause, in the currency of the prices. */
export interface PlanCost {
  /** The sum: what the solvers minimise and bound. */
  readonly total: number
  readonly energy: number
  readonly peak: number
  /** Deviations from the setpoint, at their price. */
  readonly tracking: number
  /** What is not delivered, at its price. */
  readonly shortfall: number
  readonly wear: number
  /** Price of limits that are exceeded because the base alone exceeds them. */
  readonly overload: number
}

/** Where a solve ended, by names and times so that it fits the next problem. Plain data. */
export interface WarmStart {
  readonly startMs: number
  readonly stepS: number
  /** Dual prices per limit (see warm.ts for the names), one value per step. */
  readonly duals: Readonly<Record<string, Float64Array>>
  /** Part of full power per step over the horizon, by device id. */
  readonly profiles: Readonly<Record<string, Float32Array>>
}

/** Dual price of one limit at one step, currency per kWh. */
export interface RowPrice {
  readonly kind: 'phase' | 'power' | 'export' | 'peak' | 'imbalance'
  readonly node: number
  /** Line 0..2 for `phase`. */
  readonly line: number
  readonly step: number
  readonly pricePerKwh: number
}
