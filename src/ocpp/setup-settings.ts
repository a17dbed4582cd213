import type { StationVariable } from '../csms/capability.ts'
import type { Csms } from '../csms/csms.ts'
import type { Log } from '../ports/log.ts'
import type { OcppGateway } from './gateway.ts'

/** What we want stations to measure. */
export interface SetupSettings {
  /** In the order of their worth: what does not fit is cut from the end. */
  readonly measurands: readonly string[]
  /** Interval of meter values in a transaction. */
  readonly sampleIntervalS: number
  /** For stations of 1.6 that can ping and do not (WebSocketPingInterval 0); `null` = leave it. */
  readonly pingIntervalS: number | null
}

export const DEFAULT_SETUP: SetupSettings = {
  measurands: [
    'Current.Import',
    'Power.Active.Import',
    'Energy.Active.Import.Register',
    'Voltage',
    'Current.Offered',
    'SoC',
  ],
  sampleIntervalS: 10,
  pingIntervalS: 30,
}

export interface SetupDeps {
  readonly csms: Csms
  readonly gateway: OcppGateway
  readonly log: Log
  readonly settings: SetupSettings
}

/** What configuring a station brought to light. */
export interface Configured {
  /** Measurands that it took. */
  readonly measurands: string
  readonly rebootRequired: boolean
}

/** One version's way to configure a station. */
export type Configure = (
  stationId: string,
  deps: SetupDeps,
  /** What it reported. */
  variables: readonly StationVariable[],
) => Promise<Configured>
