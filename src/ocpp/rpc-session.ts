import type { CommandResult } from '../ports/station-gateway.ts'
import type { Protocol } from './dialect.ts'
import {
  CALL,
  CALLERROR,
  CALLRESULT,
  errorText,
  isSloppyId,
  isUsableId,
  type MessageId,
  readFrame,
  readHead,
  trimmedText,
} from './frame.ts'
import { Inbox } from './inbox.ts'
import { Outbox } from './outbox.ts'
import { isTooDeep, repairJson } from './repair-json.ts'
import type { Routes } from './routes.ts'
import type { RpcErrorCode } from './rpc-error.ts'
import type { OcppLink, Peer, RpcContext, Wire } from './rpc-context.ts'

/** Id of a CALLERROR for a message whose id could not be read (2.0.1 part 4, 4.2.3). */
const NO_ID = '-1'

/**
 * The OCPP-J conversation with one station, free of sockets and timers: reads the frames and tells
 * the inbox of a CALL, the outbox of an answer.
 */
export class RpcSession implements OcppLink {
  readonly stationId: string
  readonly protocol: Protocol
  readonly generation: number
  readonly remoteAddress: string
  readonly connectedAtMs: number
  readonly quarantined: boolean
  readonly #context: RpcContext
  readonly #routes: Routes
  readonly #wire: Wire
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  #ended = false
  #toldOfRepair = false

  constructor(peer: Peer, context: RpcContext, routes: Routes, wire: Wire) {
    this.stationId = peer.stationId
    this.protocol = peer.protocol
    this.generation = peer.generation
    this.remoteAddress = peer.remoteAddress
    this.connectedAtMs = peer.connectedAtMs
    this.quarantined = peer.quarantined
    this.#context = context
    this.#routes = routes
    this.#wire = wire
    this.#outbox = new Outbox(peer.stationId, context, wire)
    this.#inbox = new Inbox(this, context, routes, wire, peer.replyDelayMs)
  }

  call(action: string, payload: object): Promise<CommandResult> {
    const route = this.#routes.get(action)
    if (route && route.direction !== 'from-station') return this.#outbox.call(route, payload)
    const detail = route
      ? `${action} is sent by stations, not to them`
      : `${this.protocol} has no action '${action}'`
    return Promise.resolve({ ok: false, reason: 'invalid', detail })
  }

  close(code: number, reason: string): void {
    this.#wire.close(code, reason)
  }

  /** Handles one frame. Never throws. */
  receive(data: Buffer): void {
    if (this.#ended) return
    let text = data.toString()
    if (isTooDeep(text)) return this.#broken('The message is nested too deeply', text)
    let frame = readFrame(text)
    if (frame === null) {
      text = trimmedText(text)
      frame = readFrame(text)
      if (frame === null) {
        text = this.#repaired(text)
        frame = readFrame(text)
      }
      if (frame !== null) this.#context.counters.sloppyFrames++
    }
    switch (frame?.[0]) {
      case CALL:
        return this.#onCall(frame, text, data)
      case CALLRESULT:
        return this.#onResult(frame, text)
      case CALLERROR:
        return this.#onError(frame, text)
      default:
        return this.#onOther(frame, text)
    }
  }

  /** Takes no more CALLs; the line closes once the running ones are answered. */
  drain(code: number, reason: string): void {
    this.#inbox.drain(code, reason)
  }

  /** The line is gone: nothing is heard or sent any more, our open CALLs get their result. */
  end(): void {
    this.#ended = true
    this.#inbox.close()
    this.#outbox.close()
  }

  #onCall(frame: readonly unknown[], text: string, data: Buffer): void {
    const { counters, hooks } = this.#context
    const [, id, action, payload] = frame
    if (!isUsableId(id)) return this.#broken('The message id cannot be read', text)
    counters.callsIn++
    if (isSloppyId(id)) counters.sloppyFrames++
    hooks.onFrame?.(this.stationId, 'in', 'call', nameOf(action), String(id), text)
    this.#inbox.receive(id, action, payload ?? this.#missingPayload(), data)
  }

  #onResult(frame: readonly unknown[], text: string): void {
    const { counters, hooks } = this.#context
    counters.resultsIn++
    const action = this.#outbox.actionOf(frame[1])
    hooks.onFrame?.(this.stationId, 'in', 'result', action ?? '', nameOf(frame[1]), text)
    if (action === null) counters.lateAnswers++
    else this.#outbox.succeed(frame[2] ?? this.#missingPayload())
  }

  #onError(frame: readonly unknown[], text: string): void {
    const { counters, hooks } = this.#context
    counters.errorsIn++
    const action = this.#outbox.actionOf(frame[1])
    hooks.onFrame?.(this.stationId, 'in', 'error', action ?? '', nameOf(frame[1]), text)
    if (action === null) counters.lateAnswers++
    else this.#outbox.fail(frame[2], frame[3])
  }

  /** No frame at all, or a message type that we do not know (whose payload is to be ignored). */
  #onOther(frame: readonly unknown[] | null, text: string): void {
    if (frame === null || typeof frame[0] !== 'number') {
      return this.#broken('The message is not an OCPP-J array', text)
    }
    this.#context.counters.unknownTypes++
    const fields = { stationId: this.stationId, messageType: frame[0] }
    this.#context.log.debug(fields, 'A message type was ignored')
  }

  /** The text with plain slips in its JSON put right, if that is all that is wrong with it. */
  #repaired(text: string): string {
    const repaired = repairJson(text)
    if (repaired === null || readFrame(repaired) === null) return text
    if (!this.#toldOfRepair) {
      this.#toldOfRepair = true
      const fields = { stationId: this.stationId, text: text.slice(0, 200) }
      this.#context.log.warn(fields, 'A station sends invalid JSON; it was repaired')
    }
    return repaired
  }

  /**
   * A message that cannot be read. A CALL is refused, an answer fails the command that waits for it.
   * Without an id only 2.0.1 has an answer.
   */
  #broken(why: string, text: string): void {
    const { counters, log } = this.#context
    counters.brokenFrames++
    log.warn({ stationId: this.stationId, text: text.slice(0, 200), why }, 'A frame was unreadable')
    const head = readHead(text)
    if (head?.type === CALL) return this.#sendError(head.id, 'FormatViolation', why)
    if (head !== null) {
      if (this.#outbox.actionOf(head.id) !== null) this.#outbox.unreadable(why)
      return
    }
    if (this.protocol !== 'ocpp1.6') this.#sendError(NO_ID, 'RpcFrameworkError', why)
  }

  #sendError(id: MessageId, code: RpcErrorCode, why: string): void {
    const { counters, hooks } = this.#context
    counters.errorsOut++
    const answer = errorText(id, code, why, this.protocol)
    hooks.onFrame?.(this.stationId, 'out', 'error', '', String(id), answer)
    this.#wire.send(answer)
  }

  #missingPayload(): object {
    this.#context.counters.sloppyFrames++
    return {}
  }
}

/** A name or an id of the frame for the message log. */
const nameOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''
