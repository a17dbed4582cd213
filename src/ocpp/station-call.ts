import type { Csms } from '../csms/csms.ts'
import type { BootState, StationRecord } from '../csms/live.ts'
import type { CommandResult } from '../ports/station-gateway.ts'
import { isRefusal, type Command, type Refusal } from './command.ts'

/** Puts a CALL on the wire; given by the transport. Never rejects. */
export type Send = (stationId: string, action: string, payload: object) => Promise<CommandResult>

/** What a Pending station must not be asked (OCPP 1.6 4.2, 2.0.1 B02.FR.05). */
const NOT_WHILE_PENDING: ReadonlySet<string> = new Set([
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'RequestStartTransaction',
  'RequestStopTransaction',
])

const WHY: Readonly<Record<Exclude<BootState, 'accepted'>, string>> = {
  offline: 'is not connected',
  waiting: 'is connected, but has not booted yet; wait for its boot notification',
  pending: 'is not accepted yet; it may be read and configured, but not started or stopped',
  rejected: 'is not accepted: adopt it first',
}

/** The action that a station sends when it is triggered; `null` = the CALL is no trigger. */
const triggeredBy = (action: string, payload: object): string | null => {
  if (action !== 'TriggerMessage' && action !== 'ExtendedTriggerMessage') return null
  const { requestedMessage } = payload as { readonly requestedMessage?: unknown }
  if (typeof requestedMessage !== 'string') return null
  // SignChargingStationCertificate, SignV2GCertificate, ... are sent as SignCertificate.
  return /^Sign\w*Certificate$/.test(requestedMessage) ? 'SignCertificate' : requestedMessage
}

export type StationCall = ReturnType<typeof createStationCall>

/** The one way out to stations: nothing is sent to a station that must not be asked now. */
export const createStationCall = ({ stations, connections, unanswered }: Csms, send: Send) => {
  const gate = (station: StationRecord | undefined, action: string): Refusal | null => {
    if (!station?.connection) {
      return { ok: false, reason: 'offline', detail: 'the station is not connected' }
    }
    const { boot, stationId } = station
    if (boot === 'accepted') return null
    if (boot === 'pending' && !NOT_WHILE_PENDING.has(action)) return null
    return { ok: false, reason: 'not-accepted', detail: `station "${stationId}" ${WHY[boot]}` }
  }

  const raw: Send = async (stationId, action, payload) => {
    const station = stations.find(stationId)
    const refused = gate(station, action)
    if (refused) return refused
    const triggered = station?.boot === 'pending' ? triggeredBy(action, payload) : null
    // Before it is sent: the message may overtake the answer.
    if (triggered !== null) connections.triggered(stationId, triggered)
    const generation = station?.connection?.generation ?? 0
    const result = await send(stationId, action, payload)
    if (!result.ok && result.reason === 'timeout') {
      unanswered.timedOut(stationId, generation)
    } else if (result.ok || result.reason === 'call-error') unanswered.answered(stationId)
    return result
  }

  return {
    /** Sends a CALL as it is. */
    raw,

    /** Sends a command and reads its answer. */
    run: async <T>(stationId: string, made: Command<T> | Refusal): Promise<CommandResult<T>> => {
      if (isRefusal(made)) return made
      const result = await raw(stationId, made.action, made.payload)
      return result.ok ? made.read(result.response ?? {}) : result
    },
  }
}
