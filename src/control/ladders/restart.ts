import type { EvseState } from '../../domain/evse-state.ts'
import type { Reason, TransactionEnd } from '../../domain/reason.ts'
import type { EvseStatus } from '../../domain/session.ts'
import {
  climb,
  dueAction,
  isAtEnd,
  startLadder,
  type Ladder,
  type Rung,
} from '../../engine/ladder.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Conditions } from '../../ports/conditions.ts'
import type { Log } from '../../ports/log.ts'
import type { AcceptedProfile, EvseControl } from '../evse-control.ts'
import type { TraitMemory } from '../trait-memory.ts'
import type { RemoteStart } from './remote-start.ts'

/** How a transaction that ended while its vehicle still wants power is started again. */
export interface Restart {
  readonly cause: TransactionEnd
  /** The transaction that ended. */
  readonly transactionId: string
  readonly idToken: string | null
  /** Whether the site allows remote starts. */
  readonly isAllowed: boolean
  ladder: Ladder
  /** A remote start is on its way, or its transaction is awaited, until then; 0 = neither. */
  awaitedToMs: number
  /** What the accepted remote start lets it draw. */
  accepted: AcceptedProfile | null
  /** When its transaction was there again; `null` = not yet. */
  startedAtMs: number | null
}

const MINUTE = 60_000

/** Remote starts: the first as soon as there is power, the others as long as they are worth a try. */
export const RESTARTS: readonly Rung<'start'>[] = [
  { action: 'start', afterMs: 0 },
  { action: 'start', afterMs: 1.5 * MINUTE },
  { action: 'start', afterMs: 5 * MINUTE },
  { action: 'start', afterMs: 15 * MINUTE },
]

/** A station that accepted a remote start has begun the transaction within this time. */
const START_MS = MINUTE
/** A transaction that ends sooner after a remote start was not really brought back. */
const PROOF_MS = 5 * MINUTE

/** Reasons that are no decision of a driver, an operator or the vehicle. */
const AT_ZERO: ReadonlySet<string> = new Set(['Other', 'SuspendedEVSE', 'PowerQuality'])
const INTERRUPTED: ReadonlySet<string> = new Set([
  'PowerLoss',
  'Reboot',
  'HardReset',
  'SoftReset',
  'ImmediateReset',
])
/** The vehicle is plugged in and the EVSE works. */
const WAITS: ReadonlySet<EvseStatus> = new Set([
  'occupied',
  'charging',
  'suspended-ev',
  'suspended-evse',
  'finishing',
])

/** It competes for power, so that it can be started. */
export const isStarting = (restart: Restart): boolean =>
  restart.startedAtMs === null &&
  restart.isAllowed &&
  restart.idToken !== null &&
  (!isAtEnd(RESTARTS, restart.ladder) || restart.awaitedToMs > 0)

export const restartReason = (restart: Restart, nowMs: number): Reason => {
  const { cause, ladder, awaitedToMs } = restart
  const next = !isStarting(restart)
    ? 'person'
    : awaitedToMs > 0
      ? 'answer'
      : nowMs < ladder.nextAtMs
        ? 'retry'
        : 'power'
  return {
    code: 'transaction-ended',
    cause,
    next,
    attempts: ladder.step,
    nextAtMs: ladder.nextAtMs,
  }
}

export interface RestartsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly start: RemoteStart
  readonly traits: TraitMemory
  readonly conditions: Conditions
  /** Whether remote starts are allowed. */
  readonly isAllowed: boolean
}

/**
 * Some stations end the transaction a few seconds after a limit of 0 A, and all of them when they
 * restart, while the vehicle stays and its demand is unmet. Such a transaction is started again with
 * the token of its session as soon as there is power; what the driver, an operator or the vehicle
 * ended stays ended. A station model that ends transactions at 0 A is remembered.
 */
export const createRestarts = ({
  clock,
  log,
  start,
  traits,
  conditions,
  isAllowed,
}: RestartsDeps) => {
  const whoIs = ({ evse }: EvseControl, { product }: EvseState): string =>
    product ?? `station ${evse.stationId}`

  const causeOf = (control: EvseControl, reason: string): TransactionEnd | null => {
    if (INTERRUPTED.has(reason)) return 'interrupted'
    const { lastLimitA, evse } = control
    return AT_ZERO.has(reason) && lastLimitA !== null && lastLimitA < evse.minA ? 'at-zero' : null
  }

  const begin = (control: EvseControl, state: EvseState, nowMs: number): Restart | null => {
    const { ended, session } = state
    if (!ended) return null
    const cause = causeOf(control, ended.reason ?? '')
    if (cause === null) return null
    const { stationId, evseId } = control.evse
    if (cause === 'at-zero' && !traits.get('ends-at-zero', whoIs(control, state))) {
      traits.put('ends-at-zero', whoIs(control, state), true, nowMs)
    }
    // The same end again, soon after a remote start: the ladder goes on where it was.
    const before = control.restart
    const isRepeat =
      before !== null && before.startedAtMs !== null && nowMs - before.startedAtMs < PROOF_MS
    const ladder = isRepeat ? before.ladder : startLadder(RESTARTS, nowMs)
    control.waitingSinceMs = nowMs
    log.info(
      { stationId, evseId, transactionId: ended.transactionId, cause, reason: ended.reason },
      'a transaction ended while its vehicle still waits',
    )
    return {
      cause,
      transactionId: ended.transactionId,
      idToken: ended.idToken ?? session?.idToken ?? null,
      isAllowed,
      ladder,
      awaitedToMs: 0,
      accepted: null,
      startedAtMs: null,
    }
  }

  /** Keeps the board in line with whether a person is needed. */
  const report = ({ evse, restart }: EvseControl): void => {
    const needsPerson = restart !== null && restart.startedAtMs === null && !isStarting(restart)
    conditions.set(
      `start-by-hand:${evse.key}`,
      needsPerson
        ? {
            kind: 'start-by-hand',
            severity: 'warning',
            what: 'The transaction ended while the vehicle still waits for energy, and was not started again',
            where: evse.key,
            remedy: "Start it by hand, for example with the driver's card",
          }
        : null,
    )
  }

  const attempt = async (
    control: EvseControl,
    state: EvseState,
    restart: Restart,
    minA: number,
  ): Promise<void> => {
    const { stationId, evseId } = control.evse
    // Some stations refuse a start that carries a profile: every other one goes without.
    const carries = (control.failsafeA ?? 0) < minA && restart.ladder.step % 2 === 0
    restart.ladder = climb(RESTARTS, restart.ladder, clock.now())
    restart.awaitedToMs = Infinity
    const { idToken } = restart
    if (idToken === null) return
    const { result, accepted } = await start(control, state, idToken, carries ? minA : null)
    restart.accepted = accepted
    // Without an answer it may have started all the same.
    const mayStart = result.ok || result.reason === 'timeout'
    restart.awaitedToMs = mayStart ? clock.now() + START_MS : 0
    const fields = { stationId, evseId, attempt: restart.ladder.step, ok: result.ok }
    const detail = result.ok ? undefined : result.detail
    log.info({ ...fields, detail }, 'a transaction was started remotely')
  }

  return {
    /** Takes over what happened since the last tick. After `observe`. */
    follow: (control: EvseControl, state: EvseState, nowMs: number): void => {
      control.endsAtZero = traits.get('ends-at-zero', whoIs(control, state)) === true
      const { session, ended } = state
      const { restart } = control
      if (session === null) {
        control.restart = null
      } else if (control.transactionId !== null) {
        if (restart === null) return
        if (restart.startedAtMs === null) {
          restart.startedAtMs = nowMs
          restart.awaitedToMs = 0
          // It was granted its minimum before: it keeps its place.
          control.onSinceMs = nowMs
          if (restart.accepted && restart.accepted.validToMs > nowMs) {
            control.accepted = restart.accepted
            control.sentGeneration = state.generation
          }
        } else if (nowMs - restart.startedAtMs >= PROOF_MS) control.restart = null
      } else if (ended && ended.transactionId !== restart?.transactionId) {
        control.restart = begin(control, state, nowMs)
      }
      report(control)
    },

    /** Starts who was granted its minimum; `hasRoom`: nobody may draw what it would take. */
    step: (
      control: EvseControl,
      state: EvseState,
      grantA: number,
      minA: number,
      hasRoom: () => boolean,
    ): void => {
      const { restart } = control
      const nowMs = clock.now()
      if (restart === null || !isStarting(restart)) return
      if (restart.awaitedToMs > nowMs) return
      if (restart.awaitedToMs > 0) {
        restart.awaitedToMs = 0
        restart.accepted = null
        control.inFlight = null
        if (!isStarting(restart)) return
      }
      if (!state.ready || !WAITS.has(state.status)) return
      if (grantA < minA || dueAction(RESTARTS, restart.ladder, nowMs) === null) return
      if (hasRoom()) void attempt(control, state, restart, minA)
    },
  }
}
