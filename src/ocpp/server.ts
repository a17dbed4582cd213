import type { AddressInfo } from 'node:net'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { CommandResult } from '../ports/station-gateway.ts'
import type { Lookup } from './admission.ts'
import { createCounters, type OcppCounters } from './counters.ts'
import type { Dialect } from './dialect.ts'
import { createDoorkeeper } from './doorkeeper.ts'
import { DEFAULT_LIMITS, type OcppLimits } from './limits.ts'
import { createListener, type ListenerOptions, type TlsOptions } from './listener.ts'
import { OFFLINE } from './outbox.ts'
import { quietLog } from './quiet-log.ts'
import { type ConnectionHooks, createRegistry } from './registry.ts'
import { createRoutes } from './routes.ts'
import type { FrameTap, OcppLink, RpcContext, RpcHooks } from './rpc-context.ts'
import { createTimerWheel } from './timer-wheel.ts'
import { createUpgrader } from './upgrade.ts'

export interface OcppServerOptions extends RpcHooks, ConnectionHooks {
  readonly listeners: readonly ListenerOptions[]
  /** One per version that is offered. */
  readonly dialects: readonly Dialect[]
  /** Decides who may connect. */
  readonly lookup: Lookup
  readonly limits?: Partial<OcppLimits>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface OcppServer {
  readonly counters: OcppCounters
  /** Opens all listeners. Rejects with AppError `listen-failed`; then none is open. */
  start(): Promise<void>
  /** Lets running answers finish for a moment and closes every connection with 1001. */
  stop(): Promise<void>
  /** Where the listeners listen, in their order; after the start. */
  addresses(): readonly AddressInfo[]
  /** Sends a CALL to a station. Never rejects; a station without connection is `offline`. */
  call(stationId: string, action: string, payload: object): Promise<CommandResult>
  link(stationId: string): OcppLink | undefined
  links(): OcppLink[]
  connectionCount(): number
  /** Renewed certificates for the listener at this index; connections stay. */
  setCertificates(listener: number, certificates: TlsOptions['certificates']): void
}

/** The OCPP-J edge: listeners, the door, and one connection per station. */
export const createOcppServer = (options: OcppServerOptions): OcppServer => {
  const { clock, random, lookup, allowed, onFrame } = options
  const limits: OcppLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const log = quietLog(options.log, clock)
  const counters = createCounters()
  const wheel = createTimerWheel(clock)
  const nextMessageId = messageIds(clock, random)
  const context: RpcContext = {
    clock,
    wheel,
    counters,
    limits,
    log,
    nextMessageId,
    hooks: { allowed, onFrame: onFrame && guarded(onFrame, log) },
  }
  const routes = new Map(
    options.dialects.map((dialect) => [dialect.protocol, createRoutes(dialect, clock)]),
  )
  const registry = createRegistry(context, options)
  const judge = createDoorkeeper(lookup, context)
  const upgrader = createUpgrader({ context, routes, judge, registry, random })
  const listeners = options.listeners.map((listener) =>
    createListener(listener, limits.maxConnections + SPARE_SOCKETS, upgrader.onUpgrade, log),
  )

  const stop = async (): Promise<void> => {
    upgrader.stop()
    const closed = listeners.map((listener) => listener.stop())
    for (const { session } of registry.connections()) session.drain(1001, 'the server stops')
    const cancel = clock.after(limits.stopGraceMs, () => {
      for (const listener of listeners) listener.cut()
    })
    await Promise.all(closed)
    cancel()
    // A line that was cut may not have told its end yet.
    for (const connection of registry.connections()) registry.retire(connection, 1006, 'cut')
    wheel.stop()
  }

  return {
    counters,
    start: async () => {
      const started = await Promise.allSettled(listeners.map((listener) => listener.start()))
      const failed = started.find((result) => result.status === 'rejected')
      if (!failed) return
      await stop()
      throw failed.reason
    },
    stop,
    addresses: () => listeners.flatMap((listener) => listener.address() ?? []),
    call: (stationId, action, payload) =>
      registry.get(stationId)?.session.call(action, payload) ?? Promise.resolve(OFFLINE),
    link: (stationId) => registry.get(stationId)?.session,
    links: () => registry.connections().map(({ session }) => session),
    connectionCount: () => registry.size,
    setCertificates: (listener, certificates) =>
      listeners.at(listener)?.setCertificates(certificates),
  }
}

/** Beside the stations: handshakes, and old lines that have not noticed their end. */
const SPARE_SOCKETS = 1_000

/** The message log must not be able to disturb the messages. */
const guarded =
  (tap: FrameTap, log: Log): FrameTap =>
  (stationId, direction, kind, action, messageId, text) => {
    try {
      tap(stationId, direction, kind, action, messageId, text)
    } catch (err) {
      log.error({ stationId, action, err }, 'A frame could not be recorded')
    }
  }

/** `<start>-<random>-<number>`: no id comes twice, not even after a restart (part 4, 4.1.4). */
const messageIds = (clock: Clock, random: Random): (() => string) => {
  const salt = Math.floor(random.next() * 36 ** 6).toString(36)
  const prefix = `${clock.now().toString(36)}-${salt}-`
  let last = 0
  return () => prefix + (++last).toString(36)
}
