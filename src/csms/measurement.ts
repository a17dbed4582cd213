import { evenly, type PerPhase } from '../domain/phases.ts'
import type { EvseMeasurement } from '../domain/reading.ts'
import type { Evse } from '../domain/site.ts'
import { phaseCount, terminalPhases, wattsPerAmp, type Supply } from '../domain/wiring.ts'
import type { MeterValue } from './sampled-value.ts'

type Measured = Omit<EvseMeasurement, 'measuredAtMs' | 'receivedAtMs'>
export type Quantities = { -readonly [K in keyof Measured]: Measured[K] }

/** How an EVSE is wired, worked out once: it is needed for every meter value. */
export interface Outlet {
  readonly evse: Evse
  readonly direct: boolean
  /** Site phase (0, 1, 2) of each terminal. */
  readonly terminals: readonly number[]
  /** One phase as OCPP counts: the same current in all its lines. */
  readonly single: boolean
  /** Watts per ampere on the AC side. */
  readonly perAmpW: number
  readonly phaseV: number
  /** The most that it can draw, watts on the AC side. */
  readonly ratedW: number
}

export const outletOf = (evse: Evse, supply: Supply): Outlet => {
  const perAmpW = wattsPerAmp(evse.wiring, supply)
  return {
    evse,
    direct: evse.current === 'DC',
    terminals: terminalPhases(evse.wiring),
    single: phaseCount(evse.wiring) === 1,
    perAmpW,
    phaseV: supply.voltageV,
    ratedW: perAmpW * evse.maxA,
  }
}

/** Index of a value without phase, after the three terminals. */
const WHOLE = 3
const TERMINAL: Readonly<Record<string, number>> = {
  '': WHOLE,
  L1: 0,
  'L1-N': 0,
  L2: 1,
  'L2-N': 1,
  L3: 2,
  'L3-N': 2,
}

/**
 * Values of one message, by terminal: first at the outlet, then at the inlet. Shared scratch, since
 * this runs for every meter value and never suspends.
 */
const table = (): Float64Array => new Float64Array(2 * (WHOLE + 1))
const current = table()
const power = table()
const voltage = table()
const energy = table()
let offeredA = Number.NaN
let offeredW = Number.NaN
let soc = Number.NaN

const put = (into: Float64Array, phase: string, atInlet: boolean, value: number): void => {
  const terminal = TERMINAL[phase]
  if (terminal !== undefined) into[atInlet ? terminal + WHOLE + 1 : terminal] = value
}

const collect = (values: readonly MeterValue[]): void => {
  for (const into of [current, power, voltage, energy]) into.fill(Number.NaN)
  offeredA = Number.NaN
  offeredW = Number.NaN
  soc = Number.NaN
  for (const [measurand, phase, , value] of values) {
    if (typeof value !== 'number') continue
    switch (measurand) {
      case 'Current.Import':
        // A line-to-line load may be reported by the pair of its lines.
        put(current, phase.length === 5 && phase[3] === 'L' ? '' : phase, false, value)
        break
      case 'Current.Import@Inlet':
        put(current, phase, true, value)
        break
      case 'Power.Active.Import':
        put(power, phase, false, value)
        break
      case 'Power.Active.Import@Inlet':
        put(power, phase, true, value)
        break
      case 'Voltage':
        put(voltage, phase, false, value)
        break
      case 'Energy.Active.Import.Register':
        put(energy, phase, false, value)
        break
      case 'Energy.Active.Import.Register@Inlet':
        put(energy, phase, true, value)
        break
      case 'Current.Offered':
        offeredA = Number.isNaN(offeredA) ? value : Math.max(offeredA, value)
        break
      case 'Power.Offered':
        offeredW = value
        break
      case 'SoC':
        soc = value
        break
    }
  }
}

/** The value without phase, else the sum of the phases; NaN when there is nothing. */
const totalAt = (from: Float64Array, offset: number): number => {
  if (!Number.isNaN(from[offset + WHOLE])) return from[offset + WHOLE]
  let sum = Number.NaN
  for (let terminal = 0; terminal < WHOLE; terminal++) {
    const value = from[offset + terminal]
    if (!Number.isNaN(value)) sum = (Number.isNaN(sum) ? 0 : sum) + value
  }
  return sum
}

const totalOf = (from: Float64Array, inletFirst: boolean): number => {
  const outlet = totalAt(from, 0)
  const inlet = totalAt(from, WHOLE + 1)
  if (inletFirst) return Number.isNaN(inlet) ? outlet : inlet
  return Number.isNaN(outlet) ? inlet : outlet
}

/** Milliamperes without a label are brought to amperes; what is still beyond reason is dropped. */
const plausibleA = (amps: number, maxA: number): number => {
  const value = Math.abs(amps) > 20 * maxA ? amps / 1_000 : amps
  return Math.abs(value) > 6 * maxA ? Number.NaN : value
}

/**
 * Amperes of each terminal; `null` when no current was given. Where a three-phase EVSE reports some
 * of its phases, the others carry nothing only if the power says so.
 */
const terminalCurrents = (outlet: Outlet, offset: number, watts: number): PerPhase | null => {
  const { maxA } = outlet.evse
  const i1 = plausibleA(current[offset], maxA)
  const i2 = plausibleA(current[offset + 1], maxA)
  const i3 = plausibleA(current[offset + 2], maxA)
  if (!(Number.isNaN(i1) || Number.isNaN(i2) || Number.isNaN(i3))) return [i1, i2, i3]
  const given = [i1, i2, i3].filter((amps) => !Number.isNaN(amps))
  if (given.length === 0) {
    const whole = plausibleA(current[offset + WHOLE], maxA)
    return Number.isNaN(whole) ? null : spread(whole, outlet)
  }
  const highest = Math.max(...given)
  if (outlet.single) return evenly(highest)
  const explained = watts <= 1.3 * outlet.phaseV * given.reduce((sum, amps) => sum + amps, 0)
  const missing = explained ? 0 : highest
  const fill = (amps: number): number => (Number.isNaN(amps) ? missing : amps)
  return [fill(i1), fill(i2), fill(i3)]
}

/** A current without phase: of each conductor, or the sum of three when one could not carry it. */
const spread = (amps: number, { evse, terminals }: Outlet): PerPhase =>
  evenly(terminals.length === 3 && amps > 1.1 * evse.maxA ? amps / 3 : amps)

/** Terminal values to site phases: the rotation of the EVSE; lines without a terminal get zero. */
const toSite = (byTerminal: PerPhase, { terminals, single }: Outlet): PerPhase => {
  const site: [number, number, number] = [0, 0, 0]
  for (let k = 0; k < terminals.length; k++) site[terminals[k]] = byTerminal[single ? 0 : k]
  return site
}

/** A power that is a thousandth (or a thousand times) of what the currents say is mislabelled. */
const plausibleW = (watts: number, currentW: number): number => {
  if (!(currentW > 500) || !(watts > 0)) return watts
  const near = (value: number): boolean => value > currentW / 2 && value < currentW * 2
  if (near(watts * 1_000)) return watts * 1_000
  return near(watts / 1_000) ? watts / 1_000 : watts
}

/**
 * What the EVSE's own meter says, on the AC side and in site phases. A quantity that was not
 * measured is absent. Power of a DC outlet is brought to its AC input. Without currents the power
 * gives them where that is exact: on one line, between two, and for DC. Returns `null` when nothing
 * of interest was in the message.
 */
export const readMeasurement = (
  values: readonly MeterValue[],
  outlet: Outlet,
): Quantities | null => {
  collect(values)
  const result: Quantities = {}
  const { direct, single, perAmpW, terminals } = outlet
  let watts = totalOf(power, direct)
  if (direct && Number.isNaN(totalAt(power, WHOLE + 1))) watts /= outlet.evse.efficiency
  const currents = direct
    ? null
    : (terminalCurrents(outlet, 0, watts) ?? terminalCurrents(outlet, WHOLE + 1, watts))
  if (currents) result.currentA = toSite(currents, outlet)
  if (!Number.isNaN(watts)) {
    if (result.currentA) {
      const [a, b, c] = result.currentA
      watts = plausibleW(watts, ((a + b + c) * perAmpW) / terminals.length)
    } else if (direct || single) result.currentA = toSite(evenly(watts / perAmpW), outlet)
    result.powerW = watts
  }
  const volts = siteVoltage(outlet)
  if (volts) result.voltageV = volts
  const registerWh = totalOf(energy, false)
  if (!Number.isNaN(registerWh)) result.energyWh = registerWh
  if (soc >= 0 && soc <= 100) result.soc = Math.round(soc * 100) / 10_000
  if (!direct && offeredA >= 0) result.offeredA = offeredA
  else if (offeredW >= 0) {
    result.offeredA = offeredW / (direct ? outlet.evse.efficiency : 1) / perAmpW
  }
  return isEmpty(result) ? null : result
}

const isEmpty = (result: Quantities): boolean => {
  for (const _ in result) return false
  return true
}

/** Line to neutral, only when every line of an AC EVSE was measured. */
const siteVoltage = (outlet: Outlet): PerPhase | null => {
  const lines = outlet.terminals.length
  if (outlet.direct || lines === 2) return null
  const v1 = Number.isNaN(voltage[0]) ? voltage[WHOLE] : voltage[0]
  if (Number.isNaN(v1)) return null
  if (lines === 1) return toSite(evenly(v1), outlet)
  if (Number.isNaN(voltage[1]) || Number.isNaN(voltage[2])) return null
  return toSite([v1, voltage[1], voltage[2]], outlet)
}
