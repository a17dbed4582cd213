import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { OcppCounters } from './counters.ts'
import type { Protocol, StationLink } from './dialect.ts'
import type { OcppLimits } from './limits.ts'
import type { TimerWheel } from './timer-wheel.ts'

/** Who is at the other end of a connection. */
export interface Peer {
  readonly stationId: string
  readonly protocol: Protocol
  readonly generation: number
  readonly remoteAddress: string
  readonly connectedAtMs: number
  /** Connected, but nobody we know. */
  readonly quarantined: boolean
  /** Some stations drop the line when an answer comes too fast; 0 for all others. */
  readonly replyDelayMs: number
}

/** A connected station; a quarantined one may be seen and told nothing. */
export type OcppLink = StationLink & Pick<Peer, 'quarantined'>

/** What carries the frames of one connection: a WebSocket, or a test. */
export interface Wire {
  send(text: string): void
  close(code: number, reason: string): void
  /** Stops and continues the reading of frames. */
  pause(): void
  resume(): void
}

/**
 * Sees every CALL, CALLRESULT and CALLERROR, as text and exactly once. `action` is empty where it is
 * not known.
 */
export type FrameTap = (
  stationId: string,
  direction: 'in' | 'out',
  kind: 'call' | 'result' | 'error',
  action: string,
  messageId: string,
  text: string,
) => void

export interface RpcHooks {
  /** False: the station may not send this now (no accepted boot yet); it gets a SecurityError. */
  readonly allowed?: (link: OcppLink, action: string, payload: unknown) => boolean
  readonly onFrame?: FrameTap
}

/** What all connections of one server share. */
export interface RpcContext {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly counters: OcppCounters
  readonly limits: OcppLimits
  readonly log: Log
  readonly hooks: RpcHooks
  /** Unique over all connections and restarts, at most 36 characters. */
  readonly nextMessageId: () => string
}
