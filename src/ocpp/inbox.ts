import { crc32 } from 'node:zlib'
import { EMPTY, type Handler } from './dialect.ts'
import { errorText, type MessageId, resultText } from './frame.ts'
import { type Answered, ReplayMemory } from './replay-memory.ts'
import type { Route, Routes } from './routes.ts'
import type { OcppLink, RpcContext, Wire } from './rpc-context.ts'
import { asRpcError, type RpcErrorCode } from './rpc-error.ts'

/**
 * The CALLs of one station and our answers. Each is answered once and as soon as its handler is
 * done, whatever our own CALLs are waiting for. For a synchronous handler there is no closure and
 * no promise per message.
 */
export class Inbox {
  readonly #link: OcppLink
  readonly #context: RpcContext
  readonly #routes: Routes
  readonly #wire: Wire
  readonly #replyDelayMs: number
  readonly #replays: ReplayMemory
  #openHandlers = 0
  #paused = false
  #state: 'open' | 'draining' | 'closed' = 'open'
  #farewell = { code: 1000, reason: '' }

  constructor(
    link: OcppLink,
    context: RpcContext,
    routes: Routes,
    wire: Wire,
    replyDelayMs: number,
  ) {
    this.#link = link
    this.#context = context
    this.#routes = routes
    this.#wire = wire
    this.#replyDelayMs = replyDelayMs
    const { limits, wheel } = context
    this.#replays = new ReplayMemory(limits.rememberedAnswers, limits.rememberMs / wheel.tickMs)
  }

  /** Answers a CALL; `data` is the whole frame as it came. */
  receive(id: MessageId, action: unknown, payload: unknown, data: Buffer): void {
    if (this.#state !== 'open') return
    const checksum = crc32(data)
    const { tick } = this.#context.wheel
    const earlier = this.#replays.find(id, checksum, tick)
    if (earlier) return this.#repeat(earlier, action)

    const entry = this.#replays.add(id, checksum, tick)
    const route = typeof action === 'string' ? this.#routes.get(action) : undefined
    if (!route) return this.#refuseAction(entry, action)
    const { handler } = route
    if (handler === null) {
      return this.#refuse(entry, route.action, 'NotSupported', `${route.action} is not supported`)
    }
    try {
      this.#handle(entry, route, handler, payload)
    } catch (error) {
      this.#fault(entry, route, error)
    }
  }

  /** Takes no more CALLs, and closes the line once the running ones are answered. */
  drain(code: number, reason: string): void {
    if (this.#state !== 'open') return
    this.#state = 'draining'
    this.#farewell = { code, reason }
    if (this.#openHandlers === 0) this.#wire.close(code, reason)
  }

  /** The line is gone: nothing is sent any more. */
  close(): void {
    this.#state = 'closed'
  }

  #handle(entry: Answered, route: Route, handler: Handler, payload: unknown): void {
    const { counters, hooks } = this.#context
    if (hooks.allowed?.(this.#link, route.action, payload) === false) {
      counters.gated++
      const why = `${route.action} is not allowed before the boot notification was accepted`
      return this.#refuse(entry, route.action, 'SecurityError', why)
    }
    if (!this.#isAcceptable(entry, route, payload)) return
    const response = handler(payload as never, this.#link)
    if (response instanceof Promise) void this.#answerLater(entry, route, response)
    else this.#answer(entry, route, response)
  }

  #isAcceptable(entry: Answered, route: Route, payload: unknown): boolean {
    const verdict = route.request.receive(payload)
    if (verdict === null) return true
    const { counters, log } = this.#context
    const { slips, violation } = verdict
    for (const slip of slips) counters.slips[slip]++
    const fields = { stationId: this.#link.stationId, action: route.action }
    if (violation === null) {
      log.debug({ ...fields, slips: slips.slice(0, 8) }, 'A payload was repaired')
      return true
    }
    counters.violations++
    log.warn({ ...fields, detail: violation.detail }, 'A payload was refused')
    this.#refuse(entry, route.action, violation.code, violation.detail)
    return false
  }

  async #answerLater(entry: Answered, route: Route, response: Promise<object>): Promise<void> {
    this.#openHandlers++
    if (this.#openHandlers >= this.#context.limits.maxOpenHandlers && !this.#paused) {
      this.#paused = true
      this.#wire.pause()
    }
    try {
      this.#answer(entry, route, await response)
    } catch (error) {
      this.#fault(entry, route, error)
    } finally {
      this.#handled()
    }
  }

  #handled(): void {
    this.#openHandlers--
    if (this.#state === 'draining' && this.#openHandlers === 0) {
      this.#wire.close(this.#farewell.code, this.#farewell.reason)
    } else if (this.#paused && this.#openHandlers < this.#context.limits.maxOpenHandlers) {
      this.#paused = false
      this.#wire.resume()
    }
  }

  #answer(entry: Answered, route: Route, response: object): void {
    const violation = route.response.send(response)
    if (violation) {
      this.#context.counters.ownViolations++
      const fields = {
        stationId: this.#link.stationId,
        action: route.action,
        detail: violation.detail,
      }
      this.#context.log.error(fields, 'Our own answer does not fit its schema')
      return this.#refuse(entry, route.action, 'InternalError', 'No valid answer could be made')
    }
    const body = response === EMPTY ? '{}' : JSON.stringify(response)
    this.#context.counters.resultsOut++
    entry.answer = resultText(entry.id, body)
    this.#send('result', route.action, entry.id, entry.answer)
  }

  #fault(entry: Answered, route: Route, cause: unknown): void {
    const { error, internal } = asRpcError(cause)
    if (internal) {
      this.#context.counters.handlerFaults++
      const fields = { stationId: this.#link.stationId, action: route.action, err: cause }
      this.#context.log.error(fields, 'A handler failed')
    }
    this.#refuse(entry, route.action, error.code, error.message)
  }

  #refuseAction(entry: Answered, action: unknown): void {
    if (typeof action !== 'string') {
      return this.#refuse(entry, '', 'RpcFrameworkError', 'The action must be a text')
    }
    const why = `${this.#link.protocol} has no action '${action.slice(0, 50)}'`
    this.#refuse(entry, action, 'NotImplemented', why)
  }

  #refuse(entry: Answered, action: string, code: RpcErrorCode, description: string): void {
    this.#context.counters.errorsOut++
    this.#replays.forget(entry)
    this.#send(
      'error',
      action,
      entry.id,
      errorText(entry.id, code, description, this.#link.protocol),
    )
  }

  #repeat(entry: Answered, action: unknown): void {
    this.#context.counters.duplicates++
    // Without an answer yet: the one that is being made answers both.
    if (entry.answer !== null) this.#send('result', String(action), entry.id, entry.answer)
  }

  #send(kind: 'result' | 'error', action: string, id: MessageId, text: string): void {
    if (this.#state === 'closed') return
    if (this.#replyDelayMs === 0) return this.#sendNow(kind, action, id, text)
    this.#context.clock.after(this.#replyDelayMs, () => {
      if (this.#state !== 'closed') this.#sendNow(kind, action, id, text)
    })
  }

  #sendNow(kind: 'result' | 'error', action: string, id: MessageId, text: string): void {
    this.#context.hooks.onFrame?.(this.#link.stationId, 'out', kind, action, String(id), text)
    this.#wire.send(text)
  }
}
