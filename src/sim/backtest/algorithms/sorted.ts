import { createOccupancy, type Occupancy } from '../../../engine/plan/occupancy.ts'
import type { Pilots } from '../../../engine/plan/pilots.ts'
import type { Knowledge } from '../knowledge.ts'
import type { Network } from '../network/network.ts'
import type { Algorithm, Car } from '../stay.ts'

/**
 * The sorting schedulers that the ACN studies compare with, by their definitions (acnportal 0.3,
 * BSD-3): cars are sorted anew in each step, and each in turn gets the highest pilot that the
 * network still allows. Continuous pilots are searched by bisection down to 0.01 A from below,
 * unless the wanted one fits; sets are tried from the lowest that covers what the car can use down.
 * A car counts with what it can draw and not with what its EVSE could give: the published code does
 * the same, as its simulated vehicles are never smaller than their EVSE.
 */
export type Order = 'FCFS' | 'EDF' | 'LLF'

export interface Baseline {
  readonly network: Network
  readonly stepS: number
  readonly knowledge: Knowledge
  /** Per EVSE. */
  readonly pilots: readonly Pilots[]
}

const BISECTION_A = 0.01

/** The most the car draws, whatever it is offered: its EVSE's rating or its own, amperes. */
export const carMaxA = ({ network }: Baseline, { stay }: Car): number =>
  Math.min(network.evses[stay.evse].maxA, stay.maxA)

/** Current that would deliver what the car lacks within one step, amperes. */
const ampsForRest = ({ network, stepS, knowledge }: Baseline, car: Car, t: number): number =>
  (knowledge(car, t).needWh * 3600) / stepS / network.evses[car.stay.evse].wattsPerAmp

/** The most that is any use to the car in this step, amperes. */
export const usefulA = (baseline: Baseline, car: Car, t: number): number =>
  Math.min(carMaxA(baseline, car), ampsForRest(baseline, car, t))

/** Lower = earlier. Steps; laxity = time left less time needed at full current. */
const keyOf = (order: Order, baseline: Baseline, car: Car, t: number): number => {
  switch (order) {
    case 'FCFS':
      return car.stay.arrive
    case 'EDF':
      return baseline.knowledge(car, t).depart
    case 'LLF':
      return (
        baseline.knowledge(car, t).depart -
        t -
        ampsForRest(baseline, car, t) / carMaxA(baseline, car)
      )
  }
}

/** Indices of `cars`, first to be served first; equal keys keep their order. */
export const sortCars = (
  order: Order,
  baseline: Baseline,
  cars: readonly Car[],
  t: number,
): number[] => {
  const keys = cars.map((car) => keyOf(order, baseline, car, t))
  return cars.map((_, k) => k).sort((a, b) => keys[a] - keys[b] || a - b)
}

const highestContinuous = (loads: Occupancy, evse: number, mostA: number): number => {
  if (loads.fits(evse, mostA)) return mostA
  let low = 0
  let high = mostA
  while (high - low > BISECTION_A) {
    const middle = (low + high) / 2
    if (loads.fits(evse, middle)) low = middle
    else high = middle
  }
  return low
}

/** Pilots that cover `mostA` are as good as the lowest of them. */
const highestOf = (
  loads: Occupancy,
  evse: number,
  mostA: number,
  drawA: number,
  pilots: readonly number[],
): number => {
  const covering = pilots.find((amps) => amps >= mostA) ?? Infinity
  return pilots.findLast((amps) => amps <= covering && loads.fits(evse, Math.min(amps, drawA))) ?? 0
}

export const createSorted = (order: Order, baseline: Baseline): Algorithm => {
  const { network, pilots } = baseline
  const loads = createOccupancy(network.nodes, network.evses)
  return {
    name: order,
    decide: (t, cars) => {
      const result = new Float64Array(cars.length)
      loads.clear()
      for (const k of sortCars(order, baseline, cars, t)) {
        const { evse } = cars[k].stay
        const drawA = carMaxA(baseline, cars[k])
        const mostA = usefulA(baseline, cars[k], t)
        const set = pilots[evse]
        result[k] = set
          ? highestOf(loads, evse, mostA, drawA, set)
          : highestContinuous(loads, evse, mostA)
        loads.add(evse, Math.min(result[k], drawA))
      }
      return result
    },
  }
}
