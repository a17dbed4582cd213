import type { Csms } from '../csms/csms.ts'
import { redact } from '../domain/redact.ts'
import type { FrameTap } from '../ocpp/rpc-context.ts'
import type { AppBase } from './base.ts'

/**
 * Messages that carry no secrets, by their schemas. Every other one is searched for them: an action
 * that is not listed, or an answer to a call that nobody remembers.
 */
const HOLDS_NO_SECRETS: ReadonlySet<string> = new Set([
  'Authorize',
  'BootNotification',
  'ChangeAvailability',
  'ClearChargingProfile',
  'GetCompositeSchedule',
  'Heartbeat',
  'MeterValues',
  'NotifyEvent',
  'RemoteStopTransaction',
  'ReportChargingProfiles',
  'RequestStopTransaction',
  'Reset',
  'SetChargingProfile',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
  'TransactionEvent',
  'TriggerMessage',
  'UnlockConnector',
])

/** The frame as it may be kept: secrets hidden, everything else untouched. */
const withoutSecrets = (action: string, text: string): string =>
  HOLDS_NO_SECRETS.has(action) ? text : JSON.stringify(redact(JSON.parse(text)))

/** Of strangers so much is kept, and this much more with each hour. */
const STRANGERS_CHARACTERS = 4_000_000
const HOUR_MS = 3_600_000

/** Signs of life, and the message log. Who is in quarantine cannot fill the disk. */
export const createFrameTap = (
  { loaded, clock, storage, log }: Pick<AppBase, 'loaded' | 'clock' | 'storage' | 'log'>,
  { connections, stations }: Pick<Csms, 'connections' | 'stations'>,
): FrameTap => {
  const keeps = loaded.config.storage?.messageLog ?? true
  let room = STRANGERS_CHARACTERS
  let filledAtMs = clock.now()
  let toldAtMs = -Infinity

  const hasRoom = (stationId: string, characters: number): boolean => {
    const nowMs = clock.now()
    const more = (STRANGERS_CHARACTERS * Math.max(0, nowMs - filledAtMs)) / HOUR_MS
    room = Math.min(STRANGERS_CHARACTERS, room + more)
    filledAtMs = nowMs
    if (characters <= room) {
      room -= characters
      return true
    }
    if (nowMs - toldAtMs >= HOUR_MS) {
      toldAtMs = nowMs
      log.warn({ stationId }, 'stations in quarantine say too much: not all of it is recorded')
    }
    return false
  }

  return (stationId, direction, kind, action, messageId, text) => {
    if (direction === 'in') connections.seen(stationId)
    if (!keeps) return
    const isStranger = stations.find(stationId)?.state === 'quarantined'
    if (isStranger && !hasRoom(stationId, text.length)) return
    const kept = withoutSecrets(action, text)
    storage.append({
      table: 'message',
      row: { stationId, atMs: clock.now(), direction, kind, action, messageId, text: kept },
    })
  }
}
