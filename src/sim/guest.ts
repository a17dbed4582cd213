import type { Visit } from './arrivals.ts'
import { couple, type SimEvse } from './evse.ts'
import { createVehicle, fullSoc, roomWh, type Coupling, type Vehicle } from './vehicle.ts'

/** A visit fitted to the EVSE that it got. */
export interface Guest {
  readonly vehicle: Vehicle
  readonly arrivedAtMs: number
  readonly departureMs: number
  /** At the meter of the EVSE; feasible at full power, so that only limits leave it unserved. */
  readonly needWh: number
}

/** Lowest state of charge with which anybody arrives. */
const MIN_SOC = 0.03
/** Part of the stay in which the need could be met at full power. */
const FEASIBLE = 0.9

/**
 * Seconds to take `needWh` at the most that vehicle and EVSE allow: constant current up to the
 * taper point, then ds/dt = k (1 - s) / (1 - taper), so t = (1 - taper) / k * ln((1-s0) / (1-s1)).
 */
const fastestS = (vehicle: Vehicle, coupling: Coupling, maxA: number, fromSoc: number): number => {
  const { taperSoc, batteryKwh } = vehicle.model
  const targetSoc = fullSoc(vehicle, coupling)
  const rateA = Math.min(maxA, coupling.maxA, vehicle.traits.ownLimitA) * vehicle.traits.follows
  const socPerS = (rateA * coupling.wattsPerAmp * coupling.efficiency) / (batteryKwh * 3.6e6)
  const constantS = Math.max(0, Math.min(taperSoc, targetSoc) - fromSoc) / socPerS
  const fromTail = Math.max(fromSoc, taperSoc)
  const tailS =
    targetSoc > fromTail
      ? ((1 - taperSoc) / socPerS) * Math.log((1 - fromTail) / (1 - targetSoc))
      : 0
  return constantS + tailS
}

/**
 * The vehicle of a visit at this EVSE. Its state of charge is such that it becomes content after
 * the wanted energy, or after less when the stay is too short for that. On DC people leave soon
 * after they are done. `speed` shortens stay and need alike.
 */
export const fitGuest = (visit: Visit, sim: SimEvse, nowMs: number, speed: number): Guest => {
  const plain = createVehicle(visit.model, { ...visit.traits, soc: 0 })
  const coupling = couple(sim, plain)
  const target = fullSoc(plain, coupling)
  const perWh = coupling.efficiency / (visit.model.batteryKwh * 1000)
  const { maxA } = sim.evse
  let stayS = (visit.departureMs - visit.arrivalMs) / 1000 / speed
  let fromSoc = Math.max(MIN_SOC, target - (visit.wantedWh / speed) * perWh)
  if (sim.evse.current === 'DC') {
    stayS = Math.min(stayS, 1.3 * fastestS(plain, coupling, maxA, fromSoc) + 300)
  }
  // Bisection on the state of charge: the later it starts, the sooner it is done.
  let tooLow = fromSoc
  let enough = target
  if (fastestS(plain, coupling, maxA, fromSoc) > FEASIBLE * stayS) {
    for (let round = 0; round < 30; round++) {
      const middle = (tooLow + enough) / 2
      if (fastestS(plain, coupling, maxA, middle) > FEASIBLE * stayS) tooLow = middle
      else enough = middle
    }
    fromSoc = enough
  }
  const vehicle = createVehicle(visit.model, { ...visit.traits, soc: fromSoc })
  return {
    vehicle,
    arrivedAtMs: nowMs,
    departureMs: nowMs + stayS * 1000,
    needWh: roomWh(vehicle, coupling),
  }
}
