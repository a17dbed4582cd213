import type { VehicleModel } from './vehicle-models.ts'

/** How a vehicle is coupled to the EVSE it is plugged into. Amperes are per conductor, on AC. */
export interface Coupling {
  /** Conductors that carry current: 1, 2 or 3 of the EVSE's terminals. */
  readonly phases: 1 | 2 | 3
  /** Watts taken from the grid per ampere. */
  readonly wattsPerAmp: number
  /** The most this vehicle draws here. */
  readonly maxA: number
  /** Below this offer it draws nothing (6 A by IEC 61851; lower on DC). */
  readonly minA: number
  /** Grid to battery. */
  readonly efficiency: number
}

/** What makes one car differ from another of its model. */
export interface VehicleTraits {
  readonly soc: number
  /** Charging ends here, as the driver set it, 0..1. */
  readonly targetSoc: number
  /** A limit set in the car, amperes per conductor; `Infinity` = none. */
  readonly ownLimitA: number
  /** Part of the offer that the car really takes (0.96..1): on-board chargers keep a distance. */
  readonly follows: number
  /** Delay before it obeys a lower offer; at most 3 s, so that the ramp ends within 5 s. */
  readonly downDelayS: number
  /** Delay before it uses a higher offer, and its rise after that. */
  readonly upDelayS: number
  readonly upAPerS: number
  /** Falls asleep after this long without an offer; `Infinity` = never. */
  readonly sleepAfterS: number
  /** Time to wake up when the offer returns; `Infinity` = only when plugged in again. */
  readonly wakeS: number
}

export const PLAIN_TRAITS: VehicleTraits = {
  soc: 0.3,
  targetSoc: 1,
  ownLimitA: Infinity,
  follows: 1,
  downDelayS: 2,
  upDelayS: 2,
  upAPerS: 3,
  sleepAfterS: Infinity,
  wakeS: 10,
}

/** IEC 61851-1: the vehicle obeys a lower offer within 5 s. */
const OBEY_WITHIN_S = 5
const MIN_DOWN_A_PER_S = 16
/** In the constant-voltage tail the on-board charger switches off below this current. */
const CUT_OFF_A = 1

export interface Vehicle {
  readonly model: VehicleModel
  readonly traits: VehicleTraits
  /** State of charge, 0..1. */
  soc: number
  /** Drawn now, per conductor. */
  currentA: number
  asleep: boolean
  /** Seconds since: the offer fell below what is drawn; it rose above; there is none; waking. */
  overS: number
  underS: number
  idleS: number
  wakingS: number
  downAPerS: number
}

export const createVehicle = (model: VehicleModel, traits: VehicleTraits): Vehicle => ({
  model,
  traits,
  soc: traits.soc,
  currentA: 0,
  asleep: false,
  overS: 0,
  underS: 0,
  idleS: 0,
  wakingS: 0,
  downAPerS: 0,
})

/** Where charging ends: the driver's target or the point where the tail falls to the cut-off. */
export const fullSoc = (vehicle: Vehicle, coupling: Coupling): number => {
  const { taperSoc } = vehicle.model
  const cutOff = Math.min(1, CUT_OFF_A / Math.max(coupling.maxA, CUT_OFF_A))
  return Math.min(vehicle.traits.targetSoc, 1 - (1 - taperSoc) * cutOff)
}

/** Energy that the meter of the EVSE will count until the vehicle is content, watt-hours. */
export const roomWh = (vehicle: Vehicle, coupling: Coupling): number =>
  (Math.max(0, fullSoc(vehicle, coupling) - vehicle.soc) * vehicle.model.batteryKwh * 1000) /
  coupling.efficiency

/**
 * The most the battery and the driver let in: constant current up to the taper point, then falling
 * in a line with the state of charge (two-stage model, as in ACN-Sim, Lee et al. 2021).
 */
const wantedA = (vehicle: Vehicle, coupling: Coupling): number => {
  if (vehicle.soc >= fullSoc(vehicle, coupling)) return 0
  const { taperSoc } = vehicle.model
  const share = vehicle.soc <= taperSoc ? 1 : (1 - vehicle.soc) / (1 - taperSoc)
  return Math.min(coupling.maxA * share, vehicle.traits.ownLimitA)
}

const sleepAndWake = (vehicle: Vehicle, offered: boolean, dtS: number): void => {
  if (!offered) {
    vehicle.idleS += dtS
    vehicle.wakingS = 0
    if (vehicle.idleS > vehicle.traits.sleepAfterS) vehicle.asleep = true
    return
  }
  vehicle.idleS = 0
  if (!vehicle.asleep) return
  vehicle.wakingS += dtS
  if (vehicle.wakingS >= vehicle.traits.wakeS) vehicle.asleep = false
}

/**
 * One step of the vehicle under an offer of `pilotA` amperes per conductor. It obeys a lower offer
 * after its delay, at the latest after 5 s; it never draws above an offer that has stood for 5 s.
 * Returns the amperes drawn during the step.
 */
export const stepVehicle = (
  vehicle: Vehicle,
  coupling: Coupling,
  pilotA: number,
  dtS: number,
): number => {
  const offered = pilotA >= coupling.minA
  sleepAndWake(vehicle, offered, dtS)
  const offerA = offered ? pilotA * vehicle.traits.follows : 0
  const targetA = vehicle.asleep ? 0 : Math.min(offerA, wantedA(vehicle, coupling))

  if (vehicle.currentA > offerA) {
    const { downDelayS } = vehicle.traits
    vehicle.overS += dtS
    vehicle.underS = 0
    vehicle.downAPerS = Math.max(
      vehicle.downAPerS,
      MIN_DOWN_A_PER_S,
      (vehicle.currentA - offerA) / (OBEY_WITHIN_S - downDelayS),
    )
    const rampS = Math.min(dtS, Math.max(0, vehicle.overS - downDelayS))
    vehicle.currentA = Math.max(offerA, vehicle.currentA - vehicle.downAPerS * rampS)
  } else {
    vehicle.overS = 0
    vehicle.downAPerS = 0
    if (targetA > vehicle.currentA) {
      vehicle.underS += dtS
      const rampS = Math.min(dtS, Math.max(0, vehicle.underS - vehicle.traits.upDelayS))
      vehicle.currentA = Math.min(targetA, vehicle.currentA + vehicle.traits.upAPerS * rampS)
    } else {
      vehicle.underS = 0
      vehicle.currentA = targetA
    }
  }
  const deliveredWh = (vehicle.currentA * coupling.wattsPerAmp * dtS) / 3600
  vehicle.soc += (deliveredWh * coupling.efficiency) / (vehicle.model.batteryKwh * 1000)
  return vehicle.currentA
}

/** The contactor opened or the plug was pulled: no current flows from now on. */
export const cutOff = (vehicle: Vehicle): void => {
  vehicle.currentA = 0
  vehicle.overS = 0
  vehicle.underS = 0
  vehicle.downAPerS = 0
}
