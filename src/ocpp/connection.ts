import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import type { Random } from '../ports/random.ts'
import { RateBudget } from './rate-budget.ts'
import type { Routes } from './routes.ts'
import type { Peer, RpcContext, Wire } from './rpc-context.ts'
import { RpcSession } from './rpc-session.ts'
import { asciiFrame } from './text-frame.ts'
import type { Timed } from './timer-wheel.ts'

/** A WebSocket that knows its connection, so that all of them share the same listeners. */
export class StationSocket extends WebSocket {
  connection: Connection | null = null
}

/** Told once, when the socket is closed for whatever reason. */
export type OnClosed = (connection: Connection, code: number, reason: string) => void

export interface ConnectionOptions {
  readonly pings: boolean
  readonly random: Random
  readonly onClosed: OnClosed
}

/**
 * One WebSocket with its conversation: liveness (any frame is a sign of life), the bound on unsent
 * data, and faults of the socket.
 */
export class Connection implements Wire, Timed {
  readonly session: RpcSession
  dueTick = 0
  readonly #socket: StationSocket
  readonly #stream: Duplex
  readonly #context: RpcContext
  readonly #options: ConnectionOptions
  readonly #budget: RateBudget
  /** Why nothing is read now. */
  #busy = false
  #flooded = false
  #toldOfFlood = false
  #heardTick: number
  #answersPings = false
  /** Why we closed the line, where the close frame of the station does not say. */
  #fault: { readonly code: number; readonly reason: string } | null = null

  /** `stream` is what the WebSocket runs over. */
  constructor(
    socket: StationSocket,
    stream: Duplex,
    peer: Peer,
    context: RpcContext,
    routes: Routes,
    options: ConnectionOptions,
  ) {
    this.#socket = socket
    this.#stream = stream
    this.#context = context
    this.#options = options
    const { limits, wheel } = context
    const { messagesPerS, burstMessages } = limits
    this.#budget = new RateBudget(messagesPerS, burstMessages, wheel.tickMs, wheel.tick)
    this.#heardTick = wheel.tick
    this.session = new RpcSession(peer, context, routes, this)
  }

  /** Starts listening to the socket. */
  open(): void {
    const socket = this.#socket
    socket.connection = this
    socket.on('message', onMessage)
    socket.on('ping', onPing)
    socket.on('pong', onPong)
    socket.on('error', onError)
    socket.on('close', onClose)
    if (this.#options.pings) this.#schedulePing()
  }

  send(text: string): void {
    const socket = this.#socket
    if (socket.readyState !== WebSocket.OPEN) return
    // Safe beside `ws`: without compression it writes each of its frames at once and whole.
    const frame = asciiFrame(text)
    if (frame === null) socket.send(text)
    else this.#stream.write(frame, 'latin1')
    if (this.#stream.writableLength > this.#context.limits.maxUnsentBytes) this.#cutOff()
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  pause(): void {
    this.#busy = true
    this.#socket.pause()
  }

  resume(): void {
    this.#busy = false
    if (!this.#flooded) this.#socket.resume()
  }

  /** Without a closing handshake. */
  terminate(): void {
    this.#socket.terminate()
  }

  /** A frame arrived. */
  receive(data: Buffer): void {
    this.#heardTick = this.#context.wheel.tick
    this.session.receive(data)
    if (!this.#budget.spend(this.#heardTick)) this.#slowDown()
  }

  heard(pong: boolean): void {
    this.#heardTick = this.#context.wheel.tick
    if (pong) this.#answersPings = true
  }

  /** The time for a ping, or for giving up. */
  expire(): void {
    const { counters, limits, log, wheel } = this.#context
    const silentMs = (wheel.tick - this.#heardTick) * wheel.tickMs
    if (silentMs >= (this.#answersPings ? limits.silenceMs : limits.unprovenSilenceMs)) {
      counters.silent++
      log.warn({ stationId: this.session.stationId, silentMs }, 'A station fell silent')
      this.terminate()
      return
    }
    if (silentMs >= limits.pingIntervalMs / 2) this.#socket.ping()
    this.#schedulePing()
  }

  failed(error: Error & { readonly code?: string }): void {
    const fields = { stationId: this.session.stationId, err: error }
    const code = FAULTS[error.code ?? '']
    if (code !== undefined) this.#fault = { code, reason: error.message }
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      this.#context.counters.oversizeFrames++
      this.#context.log.warn(fields, 'A frame was larger than allowed')
    } else if (error.code === 'WS_ERR_INVALID_UTF8') {
      this.#context.counters.brokenFrames++
      this.#context.log.warn(fields, 'A text frame was not valid UTF-8')
    } else {
      this.#context.log.debug(fields, 'A connection failed')
    }
  }

  closed(code: number, reason: string): void {
    this.#context.wheel.cancel(this)
    this.#socket.connection = null
    this.session.end()
    const fault = this.#fault ?? { code, reason }
    this.#options.onClosed(this, fault.code, fault.reason)
  }

  /** Spread over a fifth of the interval, so that a fleet that came at once is not pinged at once. */
  #schedulePing(): void {
    const jitter = 0.9 + 0.2 * this.#options.random.next()
    this.#context.wheel.set(this, this.#context.limits.pingIntervalMs * jitter)
  }

  /** Leaves the next messages in the socket for a while: nothing is lost, the station has to wait. */
  #slowDown(): void {
    if (this.#flooded) return
    const { clock, counters, limits, log } = this.#context
    counters.floods++
    if (!this.#toldOfFlood) {
      this.#toldOfFlood = true
      const { messagesPerS } = limits
      const fields = { stationId: this.session.stationId, messagesPerS }
      log.warn(fields, 'A station sends too many messages; its line is read slowly')
    }
    this.#flooded = true
    this.#socket.pause()
    clock.after(FLOOD_PAUSE_MS, () => {
      this.#flooded = false
      if (!this.#busy) this.#socket.resume()
    })
  }

  #cutOff(): void {
    const { counters, log } = this.#context
    counters.slowReaders++
    const fields = { stationId: this.session.stationId, unsentBytes: this.#stream.writableLength }
    log.warn(fields, 'A station reads too slowly and was cut off')
    this.terminate()
  }
}

const FLOOD_PAUSE_MS = 1_000

/** Codes with which `ws` closes the line; its close event says 1006 then (RFC 6455 7.4.1). */
const FAULTS: Readonly<Record<string, number | undefined>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
}

function onMessage(this: WebSocket, data: RawData): void {
  // With the default binaryType, messages come as one Buffer, text or not.
  ;(this as StationSocket).connection?.receive(data as Buffer)
}

function onPing(this: WebSocket): void {
  ;(this as StationSocket).connection?.heard(false)
}

function onPong(this: WebSocket): void {
  ;(this as StationSocket).connection?.heard(true)
}

function onError(this: WebSocket, error: Error): void {
  ;(this as StationSocket).connection?.failed(error)
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  ;(this as StationSocket).connection?.closed(code, reason.toString())
}
