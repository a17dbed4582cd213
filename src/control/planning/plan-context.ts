import type { EvseState } from '../../domain/evse-state.ts'
import type { DemandCharge } from '../../domain/price.ts'
import type { Timeline } from '../../engine/timeline.ts'
import type { GridView } from '../../engine/timeline/grid-view.ts'
import type { Segment } from '../../engine/timeline/segment.ts'
import type { Topology } from '../../engine/topology.ts'
import type { Asks } from '../asks.ts'
import type { EventCaps } from '../event-caps.ts'
import type { EvseControl } from '../evse-control.ts'
import type { BaseLoad } from './base-load.ts'
import type { PlanQuantiles } from './plan-quantiles.ts'
import type { Prices } from './prices.ts'
import type { SessionForecast } from './session-forecast.ts'
import type { Transformers } from './transformers.ts'

export interface PlanSettings {
  readonly stepS: number
  readonly horizonS: number
  /** Assumed where nobody said: energy of a session and its stay. */
  readonly defaultEnergyWh: number
  readonly defaultStayMs: number
  /** How careful the plan is; see plan-quantiles.ts for the defaults and their reasons. */
  readonly quantiles?: PlanQuantiles
  /** On/off changes that plans may cause per session, at least 1; absent = 5. */
  readonly maxChanges?: number
  /** Weight of carbon, currency per kg CO2; absent = 0. */
  readonly carbonPrice?: number
  /** Price of a deviation from a setpoint, currency per kWh; absent = half of a missing one. */
  readonly setpointPrice?: number
  /** Price of a kWh that is not delivered, currency; absent = by the prices of energy. */
  readonly shortfallPrice?: number
}

export interface PlanContext {
  readonly topology: Topology
  readonly view: GridView
  readonly states: readonly EvseState[]
  readonly controls: readonly EvseControl[]
  readonly asks: Asks
  readonly timeline: Timeline
  readonly prices: Prices
  readonly base: BaseLoad
  readonly transformers: Transformers
  readonly sessions: SessionForecast
  readonly demand: readonly DemandCharge[]
  readonly settings: PlanSettings
  /** Local time less UTC, to align windows and steps to the clock. */
  readonly offsetMs: (atMs: number) => number
}

/** The steps of one plan, and what events say in each. */
export interface PlanSteps {
  readonly nowMs: number
  readonly startMs: number
  readonly stepS: number
  readonly steps: number
  readonly segments: readonly Segment[]
  readonly caps: readonly EventCaps[]
  /** What a forecast for a step is asked for: its middle; for the running step, what is left of it. */
  readonly middleMs: (t: number) => number
}
