import type { Station } from '../wire.ts'
import type { State } from './charger.ts'
import type { Format } from './format.ts'

/** Not named by the configuration, and not turned away: somebody has to decide, or to write it in. */
export const isStranger = ({ state }: Pick<Station, 'state'>): boolean =>
  state === 'quarantined' || state === 'adopted'

export const strangerState = ({ state, online }: Station): State => {
  const words = online ? state : `${state}, offline`
  return { words, tone: online && state === 'quarantined' ? 'warn' : 'plain' }
}

/** `Acme One, OCPP 1.6`. */
export const makeOf = ({ vendor, model, protocol }: Station): string => {
  const make = [vendor, model].filter(Boolean).join(' ') || 'Maker and model not said'
  return protocol ? `${make}, ${protocol.replace(/^ocpp/, 'OCPP ')}` : make
}

/** `First seen Sat 14:05, connected since 09:30 from 10.0.0.7`. */
export const seenWords = (station: Station, nowMs: number, format: Format): string => {
  const { createdAt, connectedAt, lastSeenAt, remoteAddress } = station
  const at = (time: string): string => format.moment(Date.parse(time), nowMs)
  const first = `First seen ${at(createdAt)}`
  if (connectedAt !== null) {
    return `${first}, connected since ${at(connectedAt)}${remoteAddress ? ` from ${remoteAddress}` : ''}`
  }
  return lastSeenAt === null ? first : `${first}, last seen ${at(lastSeenAt)}`
}

const byName = new Intl.Collator('en', { numeric: true })

/** Who waits for a decision first, of those who is connected, of those the newest. */
export const sortStrangers = (stations: readonly Station[]): Station[] =>
  stations.toSorted(
    (a, b) =>
      Number(b.state === 'quarantined') - Number(a.state === 'quarantined') ||
      Number(b.online) - Number(a.online) ||
      Date.parse(b.createdAt) - Date.parse(a.createdAt) ||
      byName.compare(a.stationId, b.stationId),
  )
