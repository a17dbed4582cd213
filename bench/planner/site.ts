import { lineCurrent, wattsPerAmp, type Supply, type Wiring } from '../../src/domain/wiring.ts'
import type { PlanBattery, PlanEv, PlanNode, PlanProblem } from '../../src/engine/plan/problem.ts'
import { draws, type Draw } from './random.ts'

/**
 * Synthetic car parks for timing: panels of 25 charging points, ten panels per transformer, one
 * grid connection with a building, PV and a demand charge. Half of the points are single-phase on
 * rotating phases. `tightness` scales every fuse: at 1.0 all demand fits and the demand charge is
 * active, at 0.8 many fuses bind, at 0.6 some demand cannot be served.
 */
export interface SiteOptions {
  readonly devices: number
  readonly steps: number
  readonly tightness: number
  readonly seed: number
  /** Part of the devices that are batteries or V2G vehicles, half each. */
  readonly storageShare?: number
}

const SUPPLY: Supply = { kind: 'three-phase', voltageV: 230 }
const HORIZON_H = 24
const START_H = 7
const POINTS_PER_PANEL = 25
const PANELS_PER_TRANSFORMER = 10
const PHASES: readonly Wiring[] = ['L1', 'L2', 'L3']

interface Point {
  readonly node: number
  readonly wiring: Wiring
  readonly maxA: number
  readonly arrive: number
  readonly depart: number
}

/** Hours from now: already here, workplace, or evening arrivals. */
const stay = (random: Draw): { arriveH: number; departH: number } => {
  const kind = random.uniform()
  if (kind < 0.55) {
    return { arriveH: 0, departH: 2 + 4 * Math.abs(random.normal()) + random.between(0, 6) }
  }
  if (kind < 0.85) {
    const arriveH = Math.max(0, 8.5 - START_H + 1.5 * random.normal())
    return { arriveH, departH: arriveH + Math.max(1, 8 + 2 * random.normal()) }
  }
  const arriveH = Math.max(0, 18 - START_H + 2 * random.normal())
  return { arriveH, departH: arriveH + Math.max(1.5, 11 + 2 * random.normal()) }
}

const point = (random: Draw, i: number, steps: number, node: number): Point => {
  const isThreePhase = random.chance(0.5)
  const { arriveH, departH } = stay(random)
  const perHour = steps / HORIZON_H
  const arrive = Math.min(steps - 2, Math.floor(arriveH * perHour))
  return {
    node,
    wiring: isThreePhase ? 'L1L2L3' : PHASES[i % 3],
    maxA: random.chance(isThreePhase ? 0.6 : 0.5) ? 16 : 32,
    arrive,
    depart: Math.min(steps, Math.max(arrive + 2, Math.ceil(departH * perHour))),
  }
}

const electrical = ({ wiring, node }: Point) => ({
  node,
  line: lineCurrent(wiring, SUPPLY),
  wattsPerAmp: wattsPerAmp(wiring, SUPPLY),
})

const carAt = (random: Draw, i: number, at: Point, stepH: number): PlanEv => {
  const kw = (at.maxA * wattsPerAmp(at.wiring, SUPPLY)) / 1000
  const wanted = Math.min(80, Math.exp(2.5 + 0.7 * random.normal()))
  const possible = 0.95 * kw * (at.depart - at.arrive) * stepH
  return {
    id: `ev-${i}`,
    key: `station-${i}/1`,
    ...electrical(at),
    minA: 6,
    maxA: at.maxA,
    arrive: at.arrive,
    depart: at.depart,
    needWh: 1000 * Math.min(wanted, possible),
    shortfallPrice: random.chance(0.1) ? 6 : 2,
    minimum: null,
    capA: null,
  }
}

const storageAt = (random: Draw, i: number, at: Point, steps: number): PlanBattery => {
  const isVehicle = i % 2 === 0
  const powerW = at.maxA * wattsPerAmp(at.wiring, SUPPLY)
  const capacityWh = isVehicle ? random.between(40_000, 80_000) : powerW * random.between(2, 4)
  return {
    id: `storage-${i}`,
    key: `station-${i}/1`,
    ...electrical(at),
    maxChargeW: powerW,
    maxDischargeW: powerW,
    chargeEfficiency: 0.95,
    dischargeEfficiency: 0.95,
    energyWh: capacityWh * random.between(0.2, 0.7),
    minEnergyWh: 0.1 * capacityWh,
    maxEnergyWh: 0.95 * capacityWh,
    cyclePrice: 0.03,
    arrive: isVehicle ? at.arrive : 0,
    depart: isVehicle ? at.depart : steps,
    targetWh: capacityWh * (isVehicle ? random.between(0.5, 0.8) : 0.3),
    shortfallPrice: isVehicle ? 2 : 0.2,
  }
}

/** kW per step from a shape over the hour of the day. */
const profile = (steps: number, shape: (hour: number) => number): Float64Array =>
  Float64Array.from({ length: steps }, (_, t) =>
    shape((START_H + (t * HORIZON_H) / steps) % HORIZON_H),
  )

const bell = (hour: number, centre: number, width: number): number =>
  Math.exp(-((hour - centre) ** 2) / width)

const dayAhead = (random: Draw, steps: number): Float64Array => {
  const noise = Array.from({ length: HORIZON_H }, () => 0.02 * random.normal())
  return profile(steps, (hour) =>
    Math.max(
      0.07,
      0.22 +
        0.06 * bell(hour, 8, 4) +
        0.1 * bell(hour, 19, 5) -
        0.09 * bell(hour, 13, 6) -
        0.05 * bell(hour, 3, 8) +
        noise[Math.floor(hour)],
    ),
  )
}

const treeOf = (devices: number): number[] => {
  const panels = Math.max(1, Math.ceil(devices / POINTS_PER_PANEL))
  const transformers = Math.max(1, Math.ceil(panels / PANELS_PER_TRANSFORMER))
  const parents = [-1]
  for (let k = 0; k < transformers; k++) parents.push(0)
  for (let p = 0; p < panels; p++) parents.push(1 + Math.floor(p / PANELS_PER_TRANSFORMER))
  return parents
}

/** Rated amperes below each node and line. */
const ratings = (parents: readonly number[], points: readonly Point[]): number[][] => {
  const sums = parents.map(() => [0, 0, 0])
  for (const { node, wiring, maxA } of points) {
    for (let n = node; n >= 0; n = parents[n]) {
      for (let line = 0; line < 3; line++) {
        if (wiring.includes(PHASES[line])) sums[n][line] += maxA
      }
    }
  }
  return sums
}

const nodesOf = (
  parents: readonly number[],
  points: readonly Point[],
  buildingKw: Float64Array,
  tightness: number,
): PlanNode[] => {
  const transformers = parents.filter((parent) => parent === 0).length
  const rated = ratings(parents, points)
  return parents.map((parent, n) => {
    const simultaneity = n === 0 ? 0.22 : n <= transformers ? 0.3 : 0.42
    const limitA = Math.max(64, Math.max(...rated[n]) * simultaneity * tightness)
    const skew = [1.06, 0.97, 0.97]
    const line = (p: number): Float64Array =>
      buildingKw.map((kw) =>
        n === 0 ? Math.max(0, limitA - (0.5 * skew[p] * kw * 1000) / 690) : limitA,
      )
    return {
      id: n === 0 ? 'site' : n <= transformers ? `transformer-${n}` : `panel-${n}`,
      parent,
      capA: [line(0), line(1), line(2)],
      capW: null,
      exportCapW: null,
    }
  })
}

export const carPark = (options: SiteOptions): PlanProblem => {
  const { devices, steps, tightness, storageShare = 0 } = options
  const random = draws(options.seed)
  const parents = treeOf(devices)
  const firstPanel = 1 + parents.filter((parent) => parent === 0).length
  const points = Array.from({ length: devices }, (_, i) =>
    point(random, i, steps, firstPanel + Math.floor(i / POINTS_PER_PANEL)),
  )
  const every = storageShare > 0 ? Math.round(1 / storageShare) : Infinity
  const isStorage = (i: number): boolean => i % every === every - 1
  const evs: PlanEv[] = []
  const batteries: PlanBattery[] = []
  points.forEach((at, i) => {
    if (isStorage(i)) batteries.push(storageAt(random, batteries.length, at, steps))
    else evs.push(carAt(random, i, at, HORIZON_H / steps))
  })
  const ratedKw =
    points.reduce((sum, { wiring, maxA }) => sum + maxA * wattsPerAmp(wiring, SUPPLY), 0) / 1000
  const importPrice = dayAhead(random, steps)
  const buildingKw = profile(
    steps,
    (hour) => ratedKw * (0.05 + 0.06 * bell(hour, 13, 18)) * (1 + 0.03 * random.normal()),
  )
  const pvKw = profile(steps, (hour) => {
    const sun = Math.max(0, Math.sin(((hour - 6) / 14) * Math.PI))
    return hour > 6 && hour < 20 ? ratedKw * 0.14 * sun ** 1.5 * (1 + 0.05 * random.normal()) : 0
  })
  const baseW = buildingKw.map((kw, t) => 1000 * (kw - Math.max(0, pvKw[t])))
  return {
    startMs: Date.UTC(2026, 10, 2, START_H),
    stepS: (HORIZON_H * 3600) / steps,
    steps,
    nodes: nodesOf(parents, points, buildingKw, tightness),
    evs,
    batteries,
    importPrice,
    exportPrice: new Float64Array(steps).fill(0.06),
    baseW,
    peaks: [
      {
        pricePerKw: 0.5,
        billedW: Math.max(...baseW, 80 * ratedKw),
        windowSteps: 1,
        offset: 0,
        mask: new Uint8Array(steps).fill(1),
      },
    ],
    setpoint: null,
    imbalance: null,
  }
}
