import {
  lineCurrent,
  wattsPerAmp,
  type Supply,
  type Wiring,
} from '../../../../src/domain/wiring.ts'
import type {
  PlanBattery,
  PlanEv,
  PlanNode,
  PlanProblem,
} from '../../../../src/engine/plan/problem.ts'

/** Small problems for tests: everything has a default that does not limit anything. */

export const WYE: Supply = { kind: 'three-phase', voltageV: 230 }
export const DELTA: Supply = { kind: 'three-phase', voltageV: 120 }

export const flat = (steps: number, value: number): Float64Array =>
  new Float64Array(steps).fill(value)

export const lines = (
  steps: number,
  limitA: number,
): readonly [Float64Array, Float64Array, Float64Array] => [
  flat(steps, limitA),
  flat(steps, limitA),
  flat(steps, limitA),
]

export const node = (over: Partial<PlanNode> = {}): PlanNode => ({
  id: 'site',
  parent: -1,
  capA: null,
  capW: null,
  exportCapW: null,
  ...over,
})

export const ev = (wiring: Wiring, over: Partial<PlanEv> = {}, supply = WYE): PlanEv => ({
  id: 'ev',
  key: 'station/1',
  node: 0,
  line: lineCurrent(wiring, supply),
  wattsPerAmp: wattsPerAmp(wiring, supply),
  minA: 6,
  maxA: 16,
  arrive: 0,
  depart: 4,
  needWh: 1000,
  shortfallPrice: 2,
  minimum: null,
  capA: null,
  ...over,
})

export const battery = (over: Partial<PlanBattery> = {}): PlanBattery => ({
  id: 'battery',
  key: 'battery',
  node: 0,
  line: lineCurrent('L1L2L3', WYE),
  wattsPerAmp: wattsPerAmp('L1L2L3', WYE),
  maxChargeW: 5000,
  maxDischargeW: 5000,
  chargeEfficiency: 0.95,
  dischargeEfficiency: 0.95,
  energyWh: 5000,
  minEnergyWh: 1000,
  maxEnergyWh: 10_000,
  cyclePrice: 0.02,
  arrive: 0,
  depart: 4,
  targetWh: 0,
  shortfallPrice: 1,
  ...over,
})

/** Quarter hours unless told otherwise. */
export const problem = (over: Partial<PlanProblem> = {}): PlanProblem => {
  const steps = over.steps ?? 4
  return {
    startMs: Date.UTC(2026, 10, 2, 17),
    stepS: 900,
    steps,
    nodes: [node()],
    evs: [],
    batteries: [],
    importPrice: flat(steps, 0.25),
    exportPrice: flat(steps, 0.06),
    baseW: flat(steps, 0),
    peaks: [],
    setpoint: null,
    imbalance: null,
    ...over,
  }
}
