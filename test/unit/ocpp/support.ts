import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createCounters } from '../../../src/ocpp/counters.ts'
import type { Dialect, Protocol } from '../../../src/ocpp/dialect.ts'
import { DEFAULT_LIMITS, type OcppLimits } from '../../../src/ocpp/limits.ts'
import { createRoutes } from '../../../src/ocpp/routes.ts'
import type { RpcContext, RpcHooks, Wire } from '../../../src/ocpp/rpc-context.ts'
import { RpcSession } from '../../../src/ocpp/rpc-session.ts'
import { createTimerWheel } from '../../../src/ocpp/timer-wheel.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

export const START_MS = Date.UTC(2026, 10, 22, 7)

/** A wire that keeps what was sent. */
export const recordingWire = () => {
  const wire = {
    sent: [] as string[],
    closed: [] as (readonly [number, string])[],
    paused: false,
    send: (text: string) => void wire.sent.push(text),
    close: (code: number, reason: string) => void wire.closed.push([code, reason]),
    pause: () => void (wire.paused = true),
    resume: () => void (wire.paused = false),
  }
  return wire satisfies Wire
}

export interface SessionSetup extends RpcHooks {
  readonly protocol?: Protocol
  readonly handlers?: Dialect['handlers']
  readonly limits?: Partial<OcppLimits>
  readonly replyDelayMs?: number
}

/** A conversation without sockets, in virtual time. */
export const startSession = (setup: SessionSetup = {}) => {
  const { protocol = 'ocpp1.6', handlers = {}, limits, replyDelayMs = 0, ...hooks } = setup
  const clock = createVirtualClock(START_MS)
  const wheel = createTimerWheel(clock)
  const counters = createCounters()
  const { log, entries } = recordingLog()
  const wire = recordingWire()
  let lastId = 0
  const context: RpcContext = {
    clock,
    wheel,
    counters,
    log,
    hooks,
    limits: { ...DEFAULT_LIMITS, ...limits },
    nextMessageId: () => `m${++lastId}`,
  }
  const peer = {
    stationId: 'CP1',
    protocol,
    generation: 1,
    remoteAddress: '192.0.2.1',
    connectedAtMs: START_MS,
    quarantined: false,
    replyDelayMs,
  }
  const session = new RpcSession(peer, context, createRoutes({ protocol, handlers }, clock), wire)
  return {
    session,
    clock,
    counters,
    logged: entries,
    wire,
    /** Delivers a frame: text as it is, anything else as JSON. */
    receive: (frame: unknown) =>
      session.receive(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame))),
    /** What was sent since the last call, parsed. */
    takeSent: () => wire.sent.splice(0).map((text) => JSON.parse(text) as unknown[]),
    passMs: (ms: number) => clock.advanceTo(clock.now() + ms),
  }
}
