import type { ProfileCapability } from '../domain/evse-state.ts'
import { isClockWrong } from './clock-watch.ts'
import type { ExternalLimit } from './external-limits.ts'
import type { BootState, StationRecord, StationState } from './live.ts'

/** A station as the API shows it: a copy. */
export interface StationView {
  readonly stationId: string
  readonly state: StationState
  readonly protocol: string | null
  readonly vendor: string | null
  readonly model: string | null
  readonly firmware: string | null
  readonly serialNumber: string | null
  readonly online: boolean
  readonly boot: BootState
  readonly bootedAtMs: number | null
  readonly connectedAtMs: number | null
  /** Of its connection; rises with every connection of any station. */
  readonly generation: number | null
  readonly lastSeenAtMs: number | null
  readonly remoteAddress: string | null
  /** Keys of its EVSEs in the site; none = powerless. */
  readonly evses: readonly string[]
  /** Station time minus ours. */
  readonly clockSkewMs: number
  /** The clock is off by more than five minutes: have it corrected. */
  readonly clockWrong: boolean
  readonly rebootRequired: boolean
  readonly firmwareStatus: string | null
  readonly logStatus: string | null
  /** Limits of others (energy management on site, grid operator) that the station reported. */
  readonly externalLimits: readonly ExternalLimit[]
  /** `null`: not read yet, defaults apply. */
  readonly capability: ProfileCapability | null
  readonly createdAtMs: number
}

export const viewStation = (station: StationRecord): StationView => ({
  stationId: station.stationId,
  state: station.state,
  protocol: station.protocol,
  vendor: station.vendor,
  model: station.model,
  firmware: station.firmware,
  serialNumber: station.serialNumber,
  online: station.connection !== null,
  boot: station.boot,
  bootedAtMs: station.bootedAtMs,
  connectedAtMs: station.connection?.connectedAtMs ?? null,
  generation: station.connection?.generation ?? null,
  lastSeenAtMs: station.lastSeenAtMs,
  remoteAddress: station.connection?.remoteAddress ?? null,
  evses: [...station.evses.values()].map((evse) => evse.state.evse.key),
  clockSkewMs: station.clock.skewMs,
  clockWrong: isClockWrong(station.clock),
  rebootRequired: station.rebootRequired,
  firmwareStatus: station.firmwareStatus,
  logStatus: station.logStatus,
  externalLimits: [...station.externalLimits.values()],
  capability: station.learned?.profile ?? null,
  createdAtMs: station.createdAtMs,
})
