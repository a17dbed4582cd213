import { lineCurrent, wattsPerAmp, type Supply, type Wiring } from '../../src/domain/wiring.ts'
import type { PlanBattery, PlanEv, PlanNode, PlanProblem } from '../../src/engine/plan/problem.ts'
import { draws, type Draw } from './random.ts'

/**
 * Small random sites with every feature of the problem switched on by chance: wye and delta
 * supplies, kW and export limits, transformers seen from their delta side, event caps, minima, batteries and V2G, peaks with windows and
 * masks, imbalance, setpoints. For comparing solvers, not for timing them.
 */
const WYE_WIRINGS: readonly Wiring[] = ['L1', 'L2', 'L3', 'L1L2L3', 'L2L3L1']
const DELTA_WIRINGS: readonly Wiring[] = ['L1L2', 'L2L3', 'L3L1', 'L1L2L3', 'L1']

export interface OddOptions {
  readonly seed: number
  readonly maxEvs?: number
  readonly maxBatteries?: number
  /** Allow negative import prices. */
  readonly negativePrices?: boolean
}

const series = (steps: number, value: (t: number) => number): Float64Array =>
  Float64Array.from({ length: steps }, (_, t) => value(t))

const windowOf = (random: Draw, steps: number): { arrive: number; depart: number } => {
  const arrive = random.chance(0.5) ? 0 : random.whole(0, steps - 2)
  return { arrive, depart: random.whole(arrive + 1, steps) }
}

const oddEv = (random: Draw, i: number, steps: number, supply: Supply, nodes: number): PlanEv => {
  const wiring = random.pick(supply.voltageV === 120 ? DELTA_WIRINGS : WYE_WIRINGS)
  const window = windowOf(random, steps)
  const maxA = random.pick([16, 32, 20])
  const fullWh = (maxA * wattsPerAmp(wiring, supply) * (window.depart - window.arrive)) / 4
  const needWh = random.between(0.05, 1.2) * fullWh
  const minimum = {
    needWh: needWh * random.between(0.2, 0.8),
    by: random.whole(window.arrive, window.depart),
    price: random.between(0.5, 4),
  }
  return {
    id: `ev${i}`,
    key: `s${i}/1`,
    node: random.whole(0, nodes - 1),
    line: lineCurrent(wiring, supply),
    wattsPerAmp: wattsPerAmp(wiring, supply),
    minA: 6,
    maxA,
    ...window,
    needWh,
    shortfallPrice: random.pick([0.2, 2, 2, 6]),
    minimum: random.chance(0.25) ? minimum : null,
    capA: random.chance(0.15)
      ? series(steps, () => (random.chance(0.5) ? random.between(0, 20) : 32))
      : null,
  }
}

const oddBattery = (
  random: Draw,
  i: number,
  steps: number,
  supply: Supply,
  nodes: number,
): PlanBattery => {
  const wiring = random.pick(supply.voltageV === 120 ? DELTA_WIRINGS : WYE_WIRINGS)
  const capacityWh = random.between(5000, 60_000)
  const isVehicle = random.chance(0.6)
  const window = isVehicle ? windowOf(random, steps) : { arrive: 0, depart: steps }
  return {
    id: `battery${i}`,
    key: `battery${i}`,
    node: random.whole(0, nodes - 1),
    line: lineCurrent(wiring, supply),
    wattsPerAmp: wattsPerAmp(wiring, supply),
    maxChargeW: random.between(2000, 12_000),
    maxDischargeW: random.chance(0.9) ? random.between(2000, 12_000) : 0,
    chargeEfficiency: random.between(0.85, 0.98),
    dischargeEfficiency: random.between(0.85, 0.98),
    energyWh: random.between(0, 1) * capacityWh,
    minEnergyWh: random.between(0, 0.3) * capacityWh,
    maxEnergyWh: random.between(0.7, 1) * capacityWh,
    cyclePrice: random.pick([0, 0.02, 0.05]),
    ...window,
    targetWh: isVehicle ? random.between(0.3, 1) * capacityWh : 0,
    shortfallPrice: isVehicle ? random.pick([0.5, 2]) : 0,
  }
}

const oddNode = (
  random: Draw,
  n: number,
  steps: number,
  sharePerNodeA: number,
  volts: number,
): PlanNode => {
  const wave = (level: number) => series(steps, () => level * random.between(0.8, 1.2))
  const level = sharePerNodeA * random.between(0.3, 1.2)
  const hasPower = random.chance(0.3)
  return {
    id: `node${n}`,
    parent: n === 0 ? -1 : random.whole(0, n - 1),
    capA: random.chance(0.8) ? [wave(level), wave(level), wave(level)] : null,
    capW: hasPower
      ? series(steps, () => (random.chance(0.03) ? -1 : 1) * level * volts * random.between(1, 3))
      : null,
    exportCapW: random.chance(0.3) ? wave(level * volts) : null,
    deltaRatio: random.chance(0.15) ? random.between(0.8, 2.5) : null,
  }
}

export const oddSite = (options: OddOptions): PlanProblem => {
  const random = draws(options.seed)
  const steps = random.pick([12, 24, 48])
  const supply: Supply = { kind: 'three-phase', voltageV: random.chance(0.4) ? 120 : 230 }
  const nodeCount = random.whole(1, 5)
  const evs = random.whole(0, options.maxEvs ?? 25)
  const batteries = random.whole(evs === 0 ? 1 : 0, options.maxBatteries ?? 4)
  const perNodeA = ((evs + batteries) * 16) / 3
  const amps = (n: number): number => (n === 0 ? perNodeA : (1.5 * perNodeA) / nodeCount) + 10
  const low = options.negativePrices === true ? -0.1 : 0.05
  const importPrice = series(steps, () => random.between(low, 0.4))
  const siteW = perNodeA * supply.voltageV
  return {
    startMs: Date.UTC(2026, 5, 1),
    stepS: 900,
    steps,
    nodes: Array.from({ length: nodeCount }, (_, n) =>
      oddNode(random, n, steps, amps(n), supply.voltageV),
    ),
    evs: Array.from({ length: evs }, (_, i) => oddEv(random, i, steps, supply, nodeCount)),
    batteries: Array.from({ length: batteries }, (_, i) =>
      oddBattery(random, i, steps, supply, nodeCount),
    ),
    importPrice,
    exportPrice: importPrice.map((price) => price * random.between(0, 1)),
    baseW: series(steps, () => siteW * random.between(-0.5, 0.5)),
    peaks: Array.from({ length: random.whole(0, 2) }, () => ({
      pricePerKw: random.between(0.1, 5),
      billedW: siteW * random.between(0, 0.6),
      windowSteps: random.pick([1, 2, 4]),
      offset: random.whole(-2, 3),
      mask: Uint8Array.from({ length: steps }, () => (random.chance(0.9) ? 1 : 0)),
    })),
    setpoint: random.chance(0.2)
      ? {
          powerW: series(steps, () => siteW * random.between(-0.2, 0.6)),
          pricePerKwh: random.between(0.05, 0.5),
          mask: Uint8Array.from({ length: steps }, () => (random.chance(0.7) ? 1 : 0)),
        }
      : null,
    imbalance: random.chance(0.3)
      ? {
          limitA: random.between(10, 30),
          baseA: [0, 1, 2].map(() => series(steps, () => random.between(0, 12))),
        }
      : null,
  }
}
