import type { Csms } from '../csms/csms.ts'
import type { EvseRecord, StationRecord } from '../csms/live.ts'
import type { ChargingProfile } from '../domain/charging-profile.ts'
import { DEFAULT_CAPABILITY, type ProfileCapability } from '../domain/evse-state.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type {
  CommandResult,
  ProfileFilter,
  ReportedProfile,
  StationGateway,
} from '../ports/station-gateway.ts'
import { refusal, type ToStation } from './command.ts'
import { inTakenUnit, otherAttempts } from './profile-attempts.ts'
import { profileFault, shapeProfile } from './profile-shape.ts'
import { createStationCall, type Send } from './station-call.ts'
import { createStationVariables, type StationVariables } from './station-variables.ts'
import { toStation16 } from './v16/to-station.ts'
import type { Reports } from './v201/reports.ts'
import { getChargingProfiles, toStation201 } from './v201/to-station.ts'

export interface GatewayDeps {
  readonly csms: Csms
  readonly random: Random
  readonly log: Log
  /** The same as the dialect of 2.0.1 has. */
  readonly reports: Reports
  /** `OcppServer.call`. */
  readonly send: Send
}

/** Commands of the port, and what both versions can beyond it. */
export interface OcppGateway extends StationGateway {
  readonly variables: StationVariables
  /** What the station holds (2.x; `invalid` for 1.6, which cannot tell). */
  readProfiles(
    stationId: string,
    filter: ProfileFilter,
  ): Promise<CommandResult<readonly ReportedProfile[]>>
  dataTransfer(
    stationId: string,
    vendorId: string,
    messageId: string | null,
    data: unknown,
  ): Promise<CommandResult>
}

const PROFILES_MS = 30_000

/** A profile for one phase of an EVSE that has three. */
const isOneOfThree = ({ outlet }: EvseRecord, { schedule }: ChargingProfile): boolean =>
  outlet.terminals.length === 3 && schedule.numberPhases === 1

/** Actions after which a station would no longer hold what the controller installed. */
const CHANGES_PROFILES: ReadonlySet<string> = new Set([
  'ClearChargingProfile',
  'SetChargingProfile',
])

/** Why a command may not be sent as it is; `null` = it may. */
const overrules = (
  station: StationRecord | undefined,
  action: string,
  payload: object,
): string | null => {
  const isStart = action === 'RemoteStartTransaction' || action === 'RequestStartTransaction'
  const changes = CHANGES_PROFILES.has(action) || (isStart && 'chargingProfile' in payload)
  const isControlled = Array.from(station?.evses.values() ?? []).some(
    ({ state }) => state.evse.control !== 'off',
  )
  return changes && isControlled
    ? 'Busbar sets the charging profiles of this station; set "control: off" for it in the configuration to command them yourself'
    : null
}

/** The token that a remote start names; `null` = the CALL is no start, or names none. */
const startedToken = (action: string, payload: object): string | null => {
  const { idTag, idToken } = payload as {
    readonly idTag?: unknown
    readonly idToken?: { readonly idToken?: unknown } | null
  }
  const named =
    action === 'RemoteStartTransaction'
      ? idTag
      : action === 'RequestStartTransaction'
        ? idToken?.idToken
        : null
  return typeof named === 'string' ? named : null
}

type Failure = Extract<CommandResult, { ok: false }>

/**
 * The station does not take a profile in this form. Some say so with a CALLERROR, of whatever code;
 * those that lack the action will not take it in another form either.
 */
const isRefused = (failure: Failure): boolean =>
  failure.reason === 'rejected' ||
  (failure.reason === 'call-error' &&
    // With an answer in it, it is the answer that could not be read.
    failure.response === undefined &&
    failure.code !== 'NotImplemented' &&
    failure.code !== 'NotSupported')

/** Commands to stations over OCPP-J: picks the version, shapes profiles, reads the answers. */
export const createGateway = (deps: GatewayDeps): OcppGateway => {
  const { csms, random, log, reports, send } = deps
  const { stations } = csms
  const call = createStationCall(csms, send)

  const is16 = (stationId: string): boolean =>
    stations.find(stationId)?.connection?.protocol === 'ocpp1.6'
  /** Words of the version that the station speaks. (Offline stations are refused later.) */
  const to = (stationId: string): ToStation => (is16(stationId) ? toStation16 : toStation201)

  const shaped = (
    station: StationRecord | undefined,
    profile: ChargingProfile,
    capability: ProfileCapability,
  ): ChargingProfile => shapeProfile(profile, capability, station?.clock.settledMs ?? 0)

  const capabilityOf = (station: StationRecord | undefined): ProfileCapability =>
    station?.learned?.profile ?? DEFAULT_CAPABILITY

  /** Tries other ways to say a refused profile, once per station and firmware. */
  const retry = async (
    station: StationRecord,
    evseId: number,
    refused: ChargingProfile,
    first: CommandResult,
    perAmpW: number | null,
  ): Promise<CommandResult> => {
    const { learned, stationId } = station
    if (learned === null) return first
    const attempts = otherAttempts(refused, learned.profile, learned.tried, perAmpW)
    let tried = learned.tried
    let last = first
    for (const { name, profile, capability } of attempts) {
      tried = [...tried, name]
      last = await call.run(
        stationId,
        to(stationId).setChargingProfile(evseId, shaped(station, profile, capability)),
      )
      if (last.ok) {
        log.info({ stationId, attempt: name }, 'a refused profile was taken in another form')
        stations.learn(station, { ...learned, profile: capability, tried })
        return last
      }
      if (!isRefused(last)) return last
    }
    if (attempts.length > 0) stations.learn(station, { ...learned, tried })
    return last
  }

  return {
    variables: createStationVariables(csms, call, reports),

    online: (stationId) => stations.find(stationId)?.boot === 'accepted',

    setChargingProfile: async (stationId, evseId, profile) => {
      const fault = profileFault(profile)
      if (fault !== null) return refusal(fault)
      const station = stations.find(stationId)
      const evse = station?.evses.get(evseId)
      const onOnePhase = evse !== undefined && isOneOfThree(evse, profile)
      const perAmpW = evse ? evse.outlet.perAmpW / (onOnePhase ? 3 : 1) : null
      const capability = capabilityOf(station)
      const wanted = inTakenUnit(profile, capability, perAmpW)
      let result = await call.run(
        stationId,
        to(stationId).setChargingProfile(evseId, shaped(station, wanted, capability)),
      )
      // One phase is refused for what it is: the pause before it was taken in the same form.
      if (station && !result.ok && !onOnePhase && isRefused(result)) {
        result = await retry(station, evseId, wanted, result, perAmpW)
      }
      if (result.ok && evse && profile.purpose === 'tx') evse.installed = wanted
      return result
    },

    clearChargingProfile: (stationId, filter) =>
      call.run(stationId, to(stationId).clearChargingProfile(filter)),

    getCompositeSchedule: (stationId, evseId, durationS, unit) =>
      call.run(stationId, to(stationId).getCompositeSchedule(evseId, durationS, unit)),

    remoteStart: async (stationId, evseId, idToken, profile) => {
      const station = stations.find(stationId)
      const type = csms.idTokens.find(idToken)?.type ?? null
      const fault = profile && profileFault(profile)
      if (fault) return refusal(fault)
      // The station may ask whether the token is welcome before it answers us.
      csms.authorization.expect(idToken)
      return await call.run(
        stationId,
        to(stationId).remoteStart(
          evseId,
          { idToken, type },
          profile && shaped(station, profile, capabilityOf(station)),
          Math.floor(random.next() * 2 ** 31),
        ),
      )
    },

    remoteStop: (stationId, transactionId) =>
      call.run(stationId, to(stationId).remoteStop(transactionId)),
    reset: (stationId, kind) => call.run(stationId, to(stationId).reset(kind)),
    unlock: (stationId, evseId, connectorId) =>
      call.run(stationId, to(stationId).unlock(evseId, connectorId)),
    changeAvailability: (stationId, evseId, operative) =>
      call.run(stationId, to(stationId).changeAvailability(evseId, operative)),
    trigger: (stationId, message, evseId) =>
      call.run(stationId, to(stationId).trigger(message, evseId)),
    dataTransfer: (stationId, vendorId, messageId, data) =>
      call.run(stationId, to(stationId).dataTransfer(vendorId, messageId, data)),

    call: async (stationId, action, payload) => {
      if (typeof payload !== 'object' || payload === null) {
        return refusal('the payload of an action must be a JSON object')
      }
      const overruled = overrules(stations.find(stationId), action, payload)
      if (overruled !== null) return { ok: false, reason: 'controlled', detail: overruled }
      const idToken = startedToken(action, payload)
      if (idToken !== null) csms.authorization.expect(idToken)
      return await call.raw(stationId, action, payload)
    },

    readProfiles: async (stationId, filter) => {
      if (is16(stationId)) return refusal('OCPP 1.6 stations cannot report their profiles')
      const requestId = reports.nextId()
      const expected = reports.expect<ReportedProfile>(
        stationId,
        'charging-profiles',
        requestId,
        PROFILES_MS,
      )
      const asked = await call.run(stationId, getChargingProfiles(requestId, filter))
      if (!asked.ok || asked.response.status === 'NoProfiles') {
        expected.cancel()
        return asked.ok ? { ok: true, response: [] } : asked
      }
      const { parts, complete } = await expected.report
      return complete
        ? { ok: true, response: parts }
        : { ok: false, reason: 'timeout', detail: 'the report was not complete', response: parts }
    },
  }
}
