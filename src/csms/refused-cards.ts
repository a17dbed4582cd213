import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { AuthorizationStatus } from './authorization.ts'

const HOUR_MS = 3_600_000
/** Cards of one station in an hour that are told one by one. */
const MAX_TOLD = 50

interface Hour {
  readonly sinceMs: number
  readonly cards: Set<string>
  isFull: boolean
}

/**
 * Tells the log of drivers who are sent away: a card once in an hour and station. Known stations and
 * those in quarantine are bounded, and so are the cards of each.
 */
export const createRefusedCards = ({ clock, log }: { clock: Clock; log: Log }) => {
  const hours = new Map<string, Hour>()

  const hourOf = (stationId: string): Hour => {
    const nowMs = clock.now()
    const held = hours.get(stationId)
    if (held && Math.abs(nowMs - held.sinceMs) < HOUR_MS) return held
    const hour: Hour = { sinceMs: nowMs, cards: new Set(), isFull: false }
    hours.set(stationId, hour)
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
