import { connect, type Socket } from 'node:net'
import { answerOf } from './commands.ts'
import { maskedFrame, increment, patch, type MaskedFrame } from './masked-frame.ts'
import { type Kind, type Protocol, textsOf } from './messages.ts'

/** Where a fleet connects, and what all its stations share. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly protocol: Protocol
  /** Sent as Basic credentials; `null` = none. */
  readonly password: string | null
}

/** What went wrong; a run with any of it is no result. */
export interface Faults {
  callErrors: number
  wrongIds: number
  drops: number
  unanswered: number
  /** The first few, for the person who has to find out. */
  readonly examples: string[]
}

export const newFaults = (): Faults => ({
  callErrors: 0,
  wrongIds: 0,
  drops: 0,
  unanswered: 0,
  examples: [],
})

/** Told of every answer that was awaited. */
export interface Listener {
  answered(station: Station): void
}

/** All incoming data passes through here: it is read before the next socket's comes. */
const INBOX = Buffer.allocUnsafeSlow(256 * 1024)
/** The first number of the counting meter; nine digits from here on. */
export const FIRST_NUMBER = 100_000_000
const HANDSHAKE_KEY = 'YnVzYmFyLWJlbmNoLWtleQ=='
const ANSWER_ID_AT = 4
const [OPENING, CALLRESULT, CALLERROR, CALL] = [...Buffer.from('[342')]
const PING = 0x89
const PONG = 0x8a
const CLOSE = 0x88

let stampedMs = 0
const stamp = new Uint8Array(24)

/** The present time as 24 ASCII bytes, made anew only when the millisecond has changed. */
const timeStamp = (): Uint8Array => {
  const nowMs = Date.now()
  if (nowMs !== stampedMs) {
    stampedMs = nowMs
    stamp.set(Buffer.from(new Date(nowMs).toISOString(), 'latin1'))
  }
  return stamp
}

/**
 * One charge point on a bare socket, with one CALL in flight at a time. Answers are checked by their
 * bytes and parsed only where their content is needed.
 */
export class Station {
  readonly identity: string
  transactionId: string
  /** When the message in flight became due; written by the load. */
  dueMs = 0
  /** Numbers of `meter` messages that were answered: all from the first to this one. */
  acknowledged = FIRST_NUMBER
  /** CALLs of the server that were answered. */
  commands = 0
  busy = false
  online = false
  listener: Listener | null = null
  readonly #target: Target
  readonly #faults: Faults
  readonly #salt: string
  readonly #mask: Uint8Array
  readonly #id: Uint8Array
  readonly #number = new Uint8Array(Buffer.from(String(FIRST_NUMBER), 'latin1'))
  readonly #frames = new Map<Kind, MaskedFrame>()
  #socket: Socket | null = null
  #rest: Buffer | null = null
  #opened: PromiseWithResolvers<void> | null = null
  #kind: Kind = 'small'
  #starts = 0
  #asked: PromiseWithResolvers<Record<string, unknown>> | null = null

  /** `salt`: four characters that no earlier run used. */
  constructor(index: number, identity: string, salt: string, target: Target, faults: Faults) {
    this.identity = identity
    this.transactionId = '0'
    this.#salt = salt
    this.#target = target
    this.#faults = faults
    this.#mask = Uint8Array.from({ length: 4 }, () => 1 + Math.floor(Math.random() * 255))
    const id = salt + String(index).padStart(5, '0') + '0000000'
    this.#id = new Uint8Array(Buffer.from(id, 'latin1'))
  }

  /** Resolves when the WebSocket is open. */
  open(localAddress: string): Promise<void> {
    const { host, port, path, protocol, password } = this.#target
    const opened = Promise.withResolvers<void>()
    this.#opened = opened
    const onread = { buffer: INBOX, callback: (size: number) => this.#read(INBOX, size) }
    const socket = connect({ host, port, localAddress, noDelay: true, onread })
    this.#socket = socket
    socket.on('error', (error) => opened.reject(error))
    socket.on('close', () => this.#closed())
    const credentials = Buffer.from(`${this.identity}:${password}`).toString('base64')
    socket.write(
      `GET ${path}/${this.identity} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: ${HANDSHAKE_KEY}\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Protocol: ${protocol}\r\n` +
        `${password === null ? '' : `Authorization: Basic ${credentials}\r\n`}\r\n`,
    )
    return opened.promise
  }

  /** Without a closing handshake; not counted as a fault. */
  close(): void {
    this.online = false
    this.#socket?.destroy()
  }

  /** Sends a CALL; the listener hears of its answer. */
  send(kind: Kind): void {
    if (kind === 'start')
      this.#nameTransaction(`"${this.#salt}-${this.identity}-${++this.#starts}"`)
    const frame = this.#frame(kind)
    increment(this.#id, 9)
    patch(frame, frame.idAt, this.#id)
    if (frame.timesAt.length > 0) {
      const time = timeStamp()
      for (const at of frame.timesAt) patch(frame, at, time)
    }
    if (frame.numbersAt.length > 0) {
      increment(this.#number, 0)
      for (const at of frame.numbersAt) patch(frame, at, this.#number)
    }
    this.#kind = kind
    this.busy = true
    this.#socket?.write(frame.buffer)
  }

  /** Sends a CALL and reads the payload of its answer. */
  async ask(kind: Kind): Promise<Record<string, unknown>> {
    this.#asked = Promise.withResolvers()
    this.send(kind)
    const payload = await this.#asked.promise
    if (kind === 'start') this.#began(payload)
    return payload
  }

  /** In 2.0.1 the station names its transaction, in 1.6 the answer to its start does. */
  #nameTransaction(transactionId: string): void {
    this.transactionId = transactionId
    for (const kind of ['start', 'meter', 'stop'] as const) this.#frames.delete(kind)
  }

  #began(payload: Record<string, unknown>): void {
    const given = payload['transactionId'] as number | undefined
    if (given !== undefined) this.#nameTransaction(String(given))
  }

  #frame(kind: Kind): MaskedFrame {
    let frame = this.#frames.get(kind)
    if (!frame) {
      frame = maskedFrame(textsOf(this.#target.protocol)[kind](this), this.#mask)
      this.#frames.set(kind, frame)
    }
    return frame
  }

  #read(inbox: Buffer, size: number): boolean {
    let data = inbox
    let end = size
    if (this.#rest !== null) {
      data = Buffer.concat([this.#rest, inbox.subarray(0, size)])
      end = data.length
      this.#rest = null
    }
    let at = 0
    if (!this.online) {
      at = this.#upgraded(data, end)
      if (at < 0) return true
    }
    while (at < end) {
      const next = this.#frameEnd(data, at, end)
      if (next > end) {
        this.#rest = Buffer.from(data.subarray(at, end))
        return true
      }
      this.#heard(data, at, next)
      at = next
    }
    return true
  }

  /** End of the handshake, -1 when it is not complete. */
  #upgraded(data: Buffer, end: number): number {
    const head = data.toString('latin1', 0, end)
    const length = head.indexOf('\r\n\r\n') + 4
    if (length < 4) {
      this.#rest = Buffer.from(data.subarray(0, end))
      return -1
    }
    if (!head.startsWith('HTTP/1.1 101 ')) {
      this.#opened?.reject(new Error(`${this.identity} was refused: ${head.split('\r\n', 1)[0]}`))
      return end
    }
    this.online = true
    this.#opened?.resolve()
    return length
  }

  /** Where the frame at `at` ends; beyond `end` when it is not complete. */
  #frameEnd(data: Buffer, at: number, end: number): number {
    if (at + 2 > end) return end + 1
    const short = data[at + 1]
    if (short < 126) return at + 2 + short
    if (short === 127) throw new Error('A frame of more than 64 KB came to the bench')
    return at + 4 > end ? end + 1 : at + 4 + data.readUInt16BE(at + 2)
  }

  #heard(data: Buffer, at: number, end: number): void {
    const opcode = data[at]
    const start = at + (data[at + 1] < 126 ? 2 : 4)
    if (opcode === PING) {
      const text = data.toString('latin1', start, end)
      this.#socket?.write(maskedFrame(text, this.#mask, PONG).buffer)
    } else if (opcode === CLOSE) this.#fault('drops', `the server closed ${this.identity}`)
    else if (data[start] === OPENING && data[start + 1] === CALL && !this.#isAwaited(data, start)) {
      this.#command(data.toString('utf8', start, end))
    } else this.#answered(data, start, end)
  }

  /** An echo is an answer, too. */
  #isAwaited(data: Buffer, start: number): boolean {
    const id = this.#id
    for (let i = 0; i < id.length; i++) {
      if (data[start + ANSWER_ID_AT + i] !== id[i]) return false
    }
    return true
  }

  #answered(data: Buffer, start: number, end: number): void {
    const text = (): string => data.toString('utf8', start, Math.min(end, start + 300))
    if (!this.busy || !this.#isAwaited(data, start)) {
      this.#fault('wrongIds', `nobody waits for ${text()}`)
      return
    }
    this.busy = false
    if (data[start + 1] === CALLERROR) this.#fault('callErrors', `${this.identity}: ${text()}`)
    const kind = this.#kind
    if (kind === 'meter') this.acknowledged = Number(Buffer.from(this.#number).toString('latin1'))
    const asked = this.#asked
    if (asked === null && kind !== 'start') {
      this.listener?.answered(this)
      return
    }
    const isResult = data[start + 1] === CALLRESULT
    const payload = isResult ? (JSON.parse(data.toString('utf8', start, end)) as unknown[])[2] : {}
    this.#asked = null
    if (asked) asked.resolve(payload as Record<string, unknown>)
    else {
      this.#began(payload as Record<string, unknown>)
      this.listener?.answered(this)
    }
  }

  #command(text: string): void {
    this.commands++
    const [, id, action, payload] = JSON.parse(text) as [2, string, string, Record<string, unknown>]
    const answer = `[3,${JSON.stringify(id)},${JSON.stringify(answerOf(action, payload))}]`
    this.#socket?.write(maskedFrame(answer, this.#mask).buffer)
  }

  #closed(): void {
    this.#socket = null
    this.#opened?.reject(new Error(`${this.identity}: the connection was closed`))
    if (!this.online) return
    this.online = false
    this.#fault('drops', `${this.identity} lost its connection`)
    this.#asked?.reject(new Error(`${this.identity} lost its connection`))
  }

  #fault(kind: 'callErrors' | 'wrongIds' | 'drops', example: string): void {
    this.#faults[kind]++
    if (this.#faults.examples.length < 5) this.#faults.examples.push(example)
  }
}
