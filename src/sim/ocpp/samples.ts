import { phaseCount } from '../../domain/wiring.ts'
import type { SimPort } from '../station.ts'

/** One measured value, before the spelling of any OCPP version. */
export interface Sample {
  readonly measurand: Measurand
  readonly value: number
  readonly unit: 'Wh' | 'W' | 'A' | 'V' | 'Percent'
  /** Terminal of the EVSE. */
  readonly phase: 'L1' | 'L2' | 'L3' | null
}

export const MEASURANDS = [
  'Energy.Active.Import.Register',
  'Power.Active.Import',
  'Current.Import',
  'Current.Offered',
  'Voltage',
  'SoC',
] as const
export type Measurand = (typeof MEASURANDS)[number]

const TERMINALS = ['L1', 'L2', 'L3'] as const

/** The register as the meter behind the rectifier (DC) or at the socket (AC) shows it. */
export const registerWh = (port: SimPort): number => port.registerWh * port.evse.efficiency

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

/** What the meter of a port says, for the measurands that are wanted and that it has. */
export const samplesOf = (port: SimPort, wanted: readonly string[]): readonly Sample[] => {
  const direct = port.evse.current === 'DC'
  const terminals = phaseCount(port.evse.wiring)
  // Of a line-to-line load one current is reported, as it is the same in both lines.
  const first = port.onTerminal ?? 0
  const used = terminals === 1 ? 1 : (port.coupling?.phases ?? 0)
  const perTerminal = (measurand: Measurand, unit: Sample['unit'], value: (k: number) => number) =>
    TERMINALS.slice(0, terminals).map((phase, k) => ({
      measurand,
      unit,
      phase,
      value: rounded(value(k), 2),
    }))
  const ofMeasurand = (measurand: Measurand): readonly Sample[] => {
    switch (measurand) {
      case 'Energy.Active.Import.Register':
        return [{ measurand, unit: 'Wh', phase: null, value: rounded(registerWh(port), 1) }]
      case 'Power.Active.Import':
        return [
          { measurand, unit: 'W', phase: null, value: rounded(port.powerW * port.evse.efficiency, 1) }, // prettier-ignore
        ]
      case 'Current.Import':
        return direct
          ? []
          : perTerminal(measurand, 'A', (k) => (k >= first && k < first + used ? port.currentA : 0))
      case 'Current.Offered':
        return direct ? [] : [{ measurand, unit: 'A', phase: null, value: rounded(port.pilotA, 2) }]
      case 'Voltage':
        return direct ? [] : perTerminal(measurand, 'V', () => port.phaseVoltageV)
      case 'SoC':
        return direct && port.vehicle
          ? [{ measurand, unit: 'Percent', phase: null, value: rounded(100 * port.vehicle.soc, 1) }]
          : []
    }
  }
  return MEASURANDS.filter((measurand) => wanted.includes(measurand)).flatMap(ofMeasurand)
}
