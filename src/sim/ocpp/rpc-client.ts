import { WebSocket } from 'ws'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Random } from '../../ports/random.ts'
import { isSilent, type StationFaults } from '../faults.ts'
import { RpcFault } from './rpc-schemas.ts'
import type { SimProtocol } from '../settings.ts'

export type CallOutcome =
  | { readonly ok: true; readonly response: unknown }
  | { readonly ok: false; readonly reason: 'offline' | 'timeout' }
  | { readonly ok: false; readonly reason: 'call-error'; readonly code: string }

/** The central system does not know of an accepted boot (errata-J 3.10, 2.0.1 B02). */
export const isForgotten = (outcome: CallOutcome): boolean =>
  !outcome.ok && outcome.reason === 'call-error' && outcome.code === 'SecurityError'

export interface RpcClientOptions {
  /** Endpoint without the identity. */
  readonly url: string
  readonly identity: string
  readonly protocol: SimProtocol
  readonly password: string | null
  readonly faults: StationFaults
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly opened: () => void
  readonly closed: () => void
  /** Answers a command; a thrown `RpcFault` becomes a CALLERROR. */
  readonly handle: (action: string, payload: unknown) => object
}

/** The station's end of OCPP-J: one CALL open at a time, commands answered meanwhile. */
export interface RpcClient {
  start(): void
  stop(): Promise<void>
  connected(): boolean
  /** Waits its turn; never rejects. */
  call(action: string, payload: object): Promise<CallOutcome>
  /** Breaks the connection off without a closing handshake; dials again after `forMs`. */
  drop(forMs: number): void
}

const CALL = 2
const RESULT = 3
const ERROR = 4
const CALL_TIMEOUT_MS = 30_000
const MIN_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 30_000
const MAX_WAITING = 200
const STOP_WITHIN_MS = 500
/** Ids of stations that reuse them: so many, then again from the first. */
const FEW_IDS = 4

interface OpenCall {
  readonly id: string
  readonly frame: string
  readonly settle: (outcome: CallOutcome) => void
}

const offline: CallOutcome = { ok: false, reason: 'offline' }

export const createRpcClient = (options: RpcClientOptions): RpcClient => {
  const { clock, faults, log, protocol, random } = options
  let socket: WebSocket | null = null
  let running = false
  let backoffMs = MIN_BACKOFF_MS
  let cancelDial: () => void = () => {}
  let cancelTimeout: () => void = () => {}
  let open: OpenCall | null = null
  const waiting: OpenCall[] = []
  let calls = 0

  const isOpen = (): boolean => socket?.readyState === WebSocket.OPEN

  const nextId = (): string => {
    calls++
    if (faults.reusesMessageIds) return String((calls % FEW_IDS) + 1)
    const tail = Math.floor(random.next() * 2 ** 32).toString(16)
    return `${options.identity.slice(0, 16)}-${calls}-${tail}`.slice(0, 36)
  }

  const sendNext = (): void => {
    if (open || !isOpen()) return
    open = waiting.shift() ?? null
    if (!open) return
    socket?.send(open.frame)
    cancelTimeout = clock.after(CALL_TIMEOUT_MS, () => {
      settle({ ok: false, reason: 'timeout' })
    })
  }

  const settle = (outcome: CallOutcome): void => {
    const settled = open
    open = null
    cancelTimeout()
    settled?.settle(outcome)
    sendNext()
  }

  const failAll = (): void => {
    const all = [...(open ? [open] : []), ...waiting.splice(0)]
    open = null
    cancelTimeout()
    for (const call of all) call.settle(offline)
  }

  const answer = (from: WebSocket, action: string, frame: readonly unknown[]): void => {
    if (isSilent(faults, action)) return
    const send = (): void => {
      if (from.readyState === WebSocket.OPEN) from.send(JSON.stringify(frame))
    }
    if (faults.answerDelayMs) clock.after(faults.answerDelayMs, send)
    else send()
  }

  const receiveCall = (from: WebSocket, id: string, action: string, payload: unknown): void => {
    try {
      answer(from, action, [RESULT, id, options.handle(action, payload)])
    } catch (error) {
      const code = error instanceof RpcFault ? error.code : 'InternalError'
      const description = error instanceof Error ? error.message : String(error)
      if (code === 'InternalError') log.error({ err: error, action }, 'A command failed')
      answer(from, action, [ERROR, id, code, description.slice(0, 255), {}])
    }
  }

  const receive = (from: WebSocket, text: string): void => {
    let frame: unknown
    try {
      frame = JSON.parse(text)
    } catch {
      log.warn({}, 'A frame from the central system is not JSON')
      return
    }
    if (!Array.isArray(frame)) return
    const [kind, id, third, fourth]: unknown[] = frame
    if (kind === CALL && typeof id === 'string' && typeof third === 'string') {
      receiveCall(from, id, third, fourth)
    } else if (open && id === open.id && kind === RESULT) {
      settle({ ok: true, response: third })
    } else if (open && id === open.id && kind === ERROR) {
      settle({ ok: false, reason: 'call-error', code: String(third) })
    }
  }

  const dialAfter = (delayMs: number): void => {
    cancelDial()
    if (running) cancelDial = clock.after(delayMs, dial)
  }

  const dial = (): void => {
    if (!running || socket) return
    const { identity, password } = options
    const url = `${options.url.replace(/\/$/, '')}/${encodeURIComponent(identity)}`
    const credentials = Buffer.from(`${identity}:${password}`).toString('base64')
    const ws = new WebSocket(url, faults.omitsSubProtocol ? [] : [protocol], {
      headers: password === null ? {} : { authorization: `Basic ${credentials}` },
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
      autoPong: !faults.neverPongs,
    })
    socket = ws
    ws.on('open', () => {
      backoffMs = MIN_BACKOFF_MS
      options.opened()
    })
    // Frames are text; ws hands over a Buffer.
    ws.on('message', (data: Buffer) => receive(ws, data.toString('utf8')))
    ws.on('error', (error) => log.debug({ err: error }, 'The connection failed'))
    ws.on('close', () => {
      // Dropped on purpose: the next dial is planned already.
      if (socket !== ws) return
      socket = null
      failAll()
      options.closed()
      dialAfter(backoffMs * (0.75 + 0.5 * random.next()))
      backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)
    })
  }

  return {
    connected: isOpen,
    start: () => {
      running = true
      dial()
    },
    stop: async () => {
      running = false
      cancelDial()
      const ws = socket
      if (!ws || ws.readyState === WebSocket.CLOSED) return
      await new Promise<void>((resolve) => {
        const cancel = clock.after(STOP_WITHIN_MS, () => ws.terminate())
        ws.once('close', () => {
          cancel()
          resolve()
        })
        ws.close(1000)
      })
    },
    call: (action, payload) => {
      if (!isOpen()) return Promise.resolve(offline)
      if (waiting.length >= MAX_WAITING) {
        log.warn({ action }, 'Too many calls wait, one is not sent')
        return Promise.resolve(offline)
      }
      return new Promise((settle) => {
        const id = nextId()
        waiting.push({ id, frame: JSON.stringify([CALL, id, action, payload]), settle })
        sendNext()
      })
    },
    drop: (forMs) => {
      const ws = socket
      socket = null
      ws?.terminate()
      failAll()
      if (ws) options.closed()
      dialAfter(forMs)
    },
  }
}
