import type { ChargingProfile, CompositeSchedule } from '../domain/charging-profile.ts'

/**
 * What became of a command. `timeout` means that the outcome is unknown: the station may or may not
 * have acted. `controlled` means that Busbar itself commands what the command would change. `busy` means that it was never sent: too many others wait for this station.
 */
export type CommandResult<T = unknown> =
  | { readonly ok: true; readonly response: T }
  | {
      readonly ok: false
      readonly reason:
        | 'offline'
        | 'not-accepted'
        | 'controlled'
        | 'invalid'
        | 'busy'
        | 'timeout'
        | 'rejected'
        | 'call-error'
      /** For a person: what happened and, where known, what to do. */
      readonly detail: string
      /** Error code of a CALLERROR. */
      readonly code?: string
      /** The answer, when there was one. */
      readonly response?: unknown
    }

export interface ProfileFilter {
  readonly profileId?: number
  readonly evseId?: number
  readonly purpose?: ChargingProfile['purpose']
  readonly stackLevel?: number
}

/** A profile that a station reported itself; `evseId` 0 = the whole station. */
export interface ReportedProfile {
  readonly evseId: number
  readonly profile: ChargingProfile
}

/**
 * Commands to stations, free of OCPP versions. One command per station is on the wire at a time;
 * others wait in a bounded queue.
 */
export interface StationGateway {
  online(stationId: string): boolean
  setChargingProfile(
    stationId: string,
    evseId: number,
    profile: ChargingProfile,
  ): Promise<CommandResult>
  /** What the station holds; OCPP 2.x only. Absent = nobody can tell. */
  readProfiles?(
    stationId: string,
    filter: ProfileFilter,
  ): Promise<CommandResult<readonly ReportedProfile[]>>
  /** Nothing to clear counts as done. */
  clearChargingProfile(stationId: string, filter: ProfileFilter): Promise<CommandResult>
  getCompositeSchedule(
    stationId: string,
    evseId: number,
    durationS: number,
    unit: 'A' | 'W',
  ): Promise<CommandResult<CompositeSchedule>>
  remoteStart(
    stationId: string,
    evseId: number | null,
    idToken: string,
    profile: ChargingProfile | null,
  ): Promise<CommandResult>
  remoteStop(stationId: string, transactionId: string): Promise<CommandResult>
  reset(stationId: string, kind: 'immediate' | 'on-idle'): Promise<CommandResult>
  unlock(stationId: string, evseId: number, connectorId: number): Promise<CommandResult>
  changeAvailability(
    stationId: string,
    evseId: number | null,
    operative: boolean,
  ): Promise<CommandResult>
  /** `message` in OCPP 2.x spelling (`StatusNotification`, `MeterValues`, ...). */
  trigger(stationId: string, message: string, evseId: number | null): Promise<CommandResult>
  /** Any action of the station's protocol version with its own payload, validated strictly. */
  call(stationId: string, action: string, payload: unknown): Promise<CommandResult>
}
