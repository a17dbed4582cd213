import { createOccupancy } from '../../../engine/plan/occupancy.ts'
import { pilotSteps } from '../../../engine/plan/pilots.ts'
import type { Algorithm } from '../stay.ts'
import { carMaxA, sortCars, usefulA, type Baseline } from './sorted.ts'

/** Increment of continuous pilots, amperes (acnportal's default). */
const INCREMENT_A = 0.1

/**
 * Equal sharing as acnportal 0.3 defines it: cars in the order of arrival each get one increment in
 * turn; who cannot use or take another leaves the round. A car counts with what it can draw.
 */
export const createRoundRobin = (baseline: Baseline): Algorithm => {
  const { network, pilots } = baseline
  const loads = createOccupancy(network.nodes, network.evses)
  const ladders = network.evses.map(({ maxA }, evse) => [
    0,
    ...(pilots[evse] ?? pilotSteps(INCREMENT_A, maxA, INCREMENT_A)),
  ])
  return {
    name: 'RR',
    decide: (t, cars) => {
      const result = new Float64Array(cars.length)
      loads.clear()
      const rung = new Int32Array(cars.length)
      const drawA = cars.map((car) => carMaxA(baseline, car))
      const mostA = cars.map((car) => usefulA(baseline, car, t))
      let queue = sortCars('FCFS', baseline, cars, t)
      while (queue.length > 0) {
        queue = queue.filter((k) => {
          const { evse } = cars[k].stay
          const nextA = ladders[evse][rung[k] + 1]
          if (nextA === undefined || result[k] >= mostA[k]) return false
          const moreA = Math.min(nextA, drawA[k]) - Math.min(result[k], drawA[k])
          if (!loads.fits(evse, moreA)) return false
          loads.add(evse, moreA)
          result[k] = nextA
          rung[k]++
          return true
        })
      }
      return result
    },
  }
}
