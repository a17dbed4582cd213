import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { IdToken, IdTokens } from './id-tokens.ts'
import type { StationRecord } from './live.ts'
import type { AuthorizationPolicy } from './options.ts'
import { createRefusedCards } from './refused-cards.ts'
import type { TransactionBook } from './transaction-book.ts'

export type AuthorizationStatus =
  'accepted' | 'blocked' | 'expired' | 'concurrent' | 'unknown' | 'invalid'

export interface Decision {
  readonly status: AuthorizationStatus
  readonly groupId: string | null
  readonly expiresAtMs: number | null
}

export interface AuthorizationDeps {
  readonly clock: Clock
  readonly log: Log
  readonly idTokens: IdTokens
  readonly book: TransactionBook
  readonly policy: AuthorizationPolicy
}

/** An operator's remote start lets its token in for so long. */
const EXPECTED_MS = 5 * 60_000
const MAX_EXPECTED = 1_000

const NOWHERE: Decision = { status: 'invalid', groupId: null, expiresAtMs: null }
/** OCPP 2.x: the station asks nobody (`NoAuthorization`). */
const NO_TOKEN: Decision = { status: 'accepted', groupId: null, expiresAtMs: null }

export type Authorization = ReturnType<typeof createAuthorization>

export const createAuthorization = ({ clock, log, idTokens, book, policy }: AuthorizationDeps) => {
  const expected = new Map<string, number>()
  const noteRefused = createRefusedCards({ clock, log })

  const isExpected = (idToken: string): boolean =>
    (expected.get(idToken.toUpperCase()) ?? 0) > clock.now()

  const decide = (token: IdToken | undefined, idToken: string): Decision => {
    if (token === undefined) {
      const accepted = policy.unknownTokens === 'accept' || isExpected(idToken)
      return { status: accepted ? 'accepted' : 'unknown', groupId: null, expiresAtMs: null }
    }
    const { groupId, expiresAtMs } = token
    if (token.state === 'blocked') return { status: 'blocked', groupId, expiresAtMs }
    const isOver = expiresAtMs !== null && expiresAtMs <= clock.now()
    return { status: isOver ? 'expired' : 'accepted', groupId, expiresAtMs }
  }

  /**
   * Whether the token is used in another transaction. Neither an EVSE that is free nor a station
   * without a connection holds a token: the end of its transaction may be lost (field problem 26).
   */
  const isElsewhere = (
    idToken: string,
    exceptId: string | null,
    station: StationRecord,
  ): boolean => {
    const wanted = idToken.toUpperCase()
    for (const { row, evse, station: where } of book.all()) {
      if (row.idToken?.toUpperCase() !== wanted) continue
      if (where === station && row.transactionId === exceptId) continue
      if (where.connection !== null && evse?.reported !== 'available') return true
    }
    return false
  }

  /** The decision, with a line in the log when a driver is sent away. */
  const told = (station: StationRecord, idToken: string | null, decision: Decision): Decision => {
    const { status } = decision
    if (status !== 'accepted' && idToken) noteRefused(station.stationId, idToken, status)
    return decision
  }

  const judge = (station: StationRecord, idToken: string | null): Decision => {
    // Powerless: in quarantine, or without a place in the site.
    if (station.state !== 'known' || station.evses.size === 0) return NOWHERE
    if (idToken === null) return NO_TOKEN
    return decide(idTokens.find(idToken), idToken)
  }

  const judgeStart = (
    station: StationRecord,
    evseId: number | null,
    idToken: string | null,
    transactionId: string | null,
  ): Decision => {
    const decision = judge(station, idToken)
    if (decision.status !== 'accepted') return decision
    if (evseId !== null && !station.evses.has(evseId)) return NOWHERE
    // A token that nobody entered has no owner: free chargers all show the same one, or an empty text.
    const isOwned = idToken !== null && idTokens.find(idToken) !== undefined
    return policy.concurrentTransactions === 'refuse' &&
      isOwned &&
      isElsewhere(idToken, transactionId, station)
      ? { ...decision, status: 'concurrent' }
      : decision
  }

  return {
    /** `idToken` `null`: the station is set to ask for none. */
    authorize: (station: StationRecord, idToken: string | null): Decision =>
      told(station, idToken, judge(station, idToken)),

    /**
     * For a transaction that starts: also whether the token is used elsewhere. `evseId` `null`: not
     * chosen yet (OCPP 2.x, a driver who shows the card before plugging in). `transactionId` is the
     * transaction itself, which a repeat must not trip over.
     */
    authorizeStart: (
      station: StationRecord,
      evseId: number | null,
      idToken: string | null,
      transactionId: string | null,
    ): Decision => told(station, idToken, judgeStart(station, evseId, idToken, transactionId)),

    /** An operator starts with this token: it is let in for five minutes, known or not. */
    expect: (idToken: string): void => {
      if (expected.size >= MAX_EXPECTED) {
        for (const [known, untilMs] of expected) if (untilMs <= clock.now()) expected.delete(known)
        const [oldest] = expected.keys()
        if (expected.size >= MAX_EXPECTED) expected.delete(oldest)
      }
      expected.set(idToken.toUpperCase(), clock.now() + EXPECTED_MS)
    },
  }
}
