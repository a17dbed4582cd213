import { createOccupancy } from '../../engine/plan/occupancy.ts'
import type { Network } from './network/network.ts'
import { remainingWh, type Algorithm, type Car, type Case, type Stay } from './stay.ts'

/** What a run came to. */
export interface Replay {
  readonly algorithm: string
  /** Drawn by all vehicles, watts per step. */
  readonly powerW: Float64Array
  /** In the order of the case's stays. */
  readonly deliveredWh: Float64Array
  readonly changes: Int32Array
  /** Highest load over limit of any row in any step: above 1 the fuse would have gone. */
  readonly fullest: { readonly ratio: number; readonly row: string; readonly step: number }
  readonly stepsAboveLimit: number
}

/** A vehicle that lacks less than this is full (the ACN simulator's bound). */
export const FULL_WH = 1
/** Load over limit that is rounding. */
const ABOVE = 1 + 1e-4

interface MutableCar extends Car {
  deliveredWh: number
  pilotA: number
  changes: number
  since: number
  readonly index: number
}

const newCar = (stay: Stay, index: number): MutableCar => ({
  stay,
  index,
  deliveredWh: 0,
  pilotA: 0,
  changes: 0,
  since: stay.arrive,
})

/**
 * Replays a case: in every step the algorithm sets the pilots, and every vehicle draws the pilot,
 * its own maximum or what it still lacks, whichever is least (an ideal battery). Vehicles are shown
 * in the order of the EVSEs. O(steps * cars).
 */
export const replay = (network: Network, { grid, stays }: Case, algorithm: Algorithm): Replay => {
  const loads = createOccupancy(network.nodes, network.evses)
  const hours = grid.stepS / 3600
  const powerW = new Float64Array(grid.steps)
  const cars = stays.map(newCar)
  let plugged: MutableCar[] = []
  let next = 0
  let stepsAboveLimit = 0
  let fullest = { ratio: 0, row: '', step: -1 }

  const measureLoads = (t: number): void => {
    const { ratio, row } = loads.fullest()
    if (ratio > ABOVE) stepsAboveLimit++
    if (ratio <= fullest.ratio) return
    const { node, line } = loads.rows[row]
    fullest = {
      ratio,
      row: `${network.nodes[node].id} ${['L1', 'L2', 'L3', 'power'][line]}`,
      step: t,
    }
  }

  const setPilot = (car: MutableCar, pilotA: number, t: number): void => {
    if (pilotA > 0 !== car.pilotA > 0) {
      car.changes++
      car.since = t
    }
    car.pilotA = pilotA
  }

  const charge = (car: MutableCar): number => {
    const { wattsPerAmp } = network.evses[car.stay.evse]
    const fullA = remainingWh(car) / hours / wattsPerAmp
    const drawA = Math.min(car.pilotA, car.stay.maxA, fullA)
    loads.add(car.stay.evse, drawA)
    car.deliveredWh += drawA * wattsPerAmp * hours
    return drawA * wattsPerAmp
  }

  for (let t = 0; t < grid.steps; t++) {
    const before = plugged.length
    plugged = plugged.filter(({ stay }) => stay.depart > t)
    let changed = plugged.length !== before
    for (; next < cars.length && stays[next].arrive <= t; next++) {
      if (stays[next].depart > t) plugged.push(cars[next])
      changed = true
    }
    if (changed) plugged.sort((a, b) => a.stay.evse - b.stay.evse || a.index - b.index)
    const hungry = plugged.filter((car) => remainingWh(car) > FULL_WH)
    if (hungry.length === 0) continue
    const pilots = algorithm.decide(t, hungry, powerW)
    loads.clear()
    hungry.forEach((car, k) => {
      setPilot(car, pilots[k], t)
      powerW[t] += charge(car)
    })
    measureLoads(t)
  }
  return {
    algorithm: algorithm.name,
    powerW,
    deliveredWh: Float64Array.from(cars, ({ deliveredWh }) => deliveredWh),
    changes: Int32Array.from(cars, ({ changes }) => changes),
    fullest,
    stepsAboveLimit,
  }
}
