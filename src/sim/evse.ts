import type { Evse } from '../domain/site.ts'
import { perPhase, ZERO } from '../domain/phases.ts'
import {
  lineCount,
  lineCurrent,
  phaseCount,
  terminalPhases,
  wattsPerAmp,
  type LineCurrent,
  type Supply,
} from '../domain/wiring.ts'
import { cutOff, stepVehicle, type Coupling, type Vehicle } from './vehicle.ts'

/** One EVSE with its pilot, contactor and meter. */
export interface SimEvse {
  readonly evse: Evse
  readonly supply: Supply
  /** Watts per ampere with all terminals in use. */
  readonly wattsPerAmp: number
  /** Nominal voltage between the conductors of one phase, as OCPP converts watts with it. */
  readonly phaseVoltageV: number
  vehicle: Vehicle | null
  coupling: Coupling | null
  /** Terminals in use where there are three: all of them, or the one with this index. */
  onTerminal: number | null
  /** How often the terminals changed while current flowed, which may damage a vehicle. */
  liveSwitches: number
  /** Phasor currents in the site's lines per ampere drawn; zero without a vehicle. */
  line: LineCurrent
  contactorClosed: boolean
  /** Offered per conductor: 0, or at least the EVSE's minimum. */
  pilotA: number
  /** Drawn per conductor. */
  currentA: number
  powerW: number
  /** Lifetime register. */
  registerWh: number
}

/** Less is no current. */
const LIVE_A = 0.5

const NO_LINE: LineCurrent = { re: ZERO, im: ZERO }

export const createEvse = (evse: Evse, supply: Supply, registerWh: number): SimEvse => ({
  evse,
  supply,
  wattsPerAmp: wattsPerAmp(evse.wiring, supply),
  phaseVoltageV: wattsPerAmp(evse.wiring, supply) / phaseCount(evse.wiring),
  vehicle: null,
  coupling: null,
  onTerminal: null,
  liveSwitches: 0,
  line: NO_LINE,
  contactorClosed: false,
  pilotA: 0,
  currentA: 0,
  powerW: 0,
  registerWh,
})

/**
 * What this vehicle is at this EVSE. On DC the current flows on all lines of the AC side and the
 * vehicle is limited by its power; on AC its on-board charger uses the first terminals.
 */
export const couple = (sim: SimEvse, vehicle: Vehicle): Coupling => {
  const { evse, supply } = sim
  const terminals = lineCount(evse.wiring)
  const { model } = vehicle
  if (evse.current === 'DC') {
    return {
      phases: terminals,
      wattsPerAmp: sim.wattsPerAmp,
      maxA: model.maxDcW / (evse.efficiency * sim.wattsPerAmp),
      minA: evse.minA,
      efficiency: evse.efficiency,
    }
  }
  const shared = { minA: Math.max(6, evse.minA), efficiency: model.chargerEfficiency }
  if (terminals < 3 || sim.onTerminal !== null || model.phases === 1) {
    const oneLine = terminals === 3 ? supply.voltageV : sim.wattsPerAmp
    return {
      ...shared,
      phases: terminals === 2 ? 2 : 1,
      wattsPerAmp: oneLine,
      maxA: model.onePhaseMaxA,
    }
  }
  return {
    ...shared,
    phases: model.phases,
    wattsPerAmp: supply.voltageV * model.phases,
    maxA: model.maxA,
  }
}

/** Which of the site's lines carry the current of the coupled vehicle. */
const linesOf = (sim: SimEvse, coupling: Coupling): LineCurrent => {
  const { wiring } = sim.evse
  if (lineCount(wiring) === 2) return lineCurrent(wiring, sim.supply)
  const first = sim.onTerminal ?? 0
  const used = terminalPhases(wiring).slice(first, first + coupling.phases)
  return { re: perPhase((phase) => (used.includes(phase) ? 1 : 0)), im: ZERO }
}

export const plugIn = (sim: SimEvse, vehicle: Vehicle): void => {
  sim.vehicle = vehicle
  sim.coupling = couple(sim, vehicle)
  sim.line = linesOf(sim, sim.coupling)
}

/** Switches to all terminals (`null`) or to one; what current flows is cut off by the contactor. */
export const useTerminals = (sim: SimEvse, onTerminal: number | null): void => {
  if (sim.onTerminal === onTerminal) return
  if (sim.currentA > LIVE_A) sim.liveSwitches++
  sim.onTerminal = onTerminal
  const { vehicle } = sim
  if (!vehicle) return
  openContactor(sim)
  sim.coupling = couple(sim, vehicle)
  sim.line = linesOf(sim, sim.coupling)
}

export const unplug = (sim: SimEvse): void => {
  openContactor(sim)
  sim.vehicle = null
  sim.coupling = null
  sim.line = NO_LINE
}

export const openContactor = (sim: SimEvse): void => {
  sim.contactorClosed = false
  sim.pilotA = 0
  sim.currentA = 0
  sim.powerW = 0
  if (sim.vehicle) cutOff(sim.vehicle)
}

/** IEC 61851 cannot offer between 0 and 6 A: what is less than the minimum is nothing. */
export const pilotOf = (evse: Evse, limitA: number): number =>
  limitA < evse.minA ? 0 : Math.min(limitA, evse.maxA)

/**
 * One step under `limitA`, what the installed profiles allow per conductor. `permitted`: a
 * transaction runs. Current flows while the vehicle reacts to a lower offer, then the contactor
 * follows.
 */
export const stepEvse = (sim: SimEvse, limitA: number, permitted: boolean, dtS: number): void => {
  const { vehicle, coupling } = sim
  if (!vehicle || !coupling || !permitted) {
    if (sim.contactorClosed) openContactor(sim)
    return
  }
  sim.pilotA = pilotOf(sim.evse, limitA)
  sim.currentA = stepVehicle(vehicle, coupling, sim.pilotA, dtS)
  sim.contactorClosed = sim.pilotA > 0 || sim.currentA > 0
  sim.powerW = sim.currentA * coupling.wattsPerAmp
  sim.registerWh += (sim.powerW * dtS) / 3600
}
