import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { AuthorizationStatus } from './authorization.ts'

const HOUR_MS = 3_600_000
/** Cards of one station in an hour that are told one by one. */
const MAX_TOLD = 50
const MAX_STATIONS = 20_000

interface Hour {
  readonly sinceMs: number
  readonly cards: Set<string>
  isFull: boolean
}

/**
 * Tells the log of drivers who are sent away: a card once in an hour and station. Stations and the
 * cards of each are bounded.
 */
export const createRefusedCards = ({ clock, log }: { clock: Clock; log: Log }) => {
  const hours = new Map<string, Hour>()

  const hourOf = (stationId: string): Hour => {
    const nowMs = clock.now()
    const held = hours.get(stationId)
    if (held && Math.abs(nowMs - held.sinceMs) < HOUR_MS) return held
    const hour: Hour = { sinceMs: nowMs, cards: new Set(), isFull: false }
    hours.delete(stationId)
    hours.set(stationId, hour)
    for (const oldest of hours.keys()) {
      if (hours.size <= MAX_STATIONS) break
      hours.delete(oldest)
    }
    return hour
  }

  return (stationId: string, idToken: string, status: AuthorizationStatus): void => {
    const hour = hourOf(stationId)
    const card = idToken.toUpperCase()
    if (hour.isFull || hour.cards.has(card)) return
    if (hour.cards.size >= MAX_TOLD) {
      hour.isFull = true
      log.info({ stationId, cards: MAX_TOLD }, 'more cards are refused there: not each is told')
      return
    }
    hour.cards.add(card)
    const message =
      status === 'unknown'
        ? 'a card that nobody entered was refused: enter it, or set ocpp.unknownIdTokens to accept'
        : 'a card was refused'
    log.info({ stationId, status, idToken }, message)
  }
}
