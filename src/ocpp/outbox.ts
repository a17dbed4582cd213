import type { CommandResult } from '../ports/station-gateway.ts'
import { callText } from './frame.ts'
import { readErrorCode } from './rpc-error.ts'
import type { Route } from './routes.ts'
import type { RpcContext, Wire } from './rpc-context.ts'
import type { Timed } from './timer-wheel.ts'

interface OurCall {
  readonly id: string
  readonly route: Route
  readonly text: string
  readonly queuedTick: number
  readonly resolve: (result: CommandResult) => void
}

/**
 * Our CALLs to one station: one on the wire, a bounded queue behind it (OCPP-J allows one open CALL
 * per direction). Knows nothing of the other direction, so neither can block the other.
 */
export class Outbox implements Timed {
  dueTick = 0
  readonly #stationId: string
  readonly #context: RpcContext
  readonly #wire: Wire
  #open: OurCall | null = null
  #waiting: OurCall[] | null = null
  #closed = false

  constructor(stationId: string, context: RpcContext, wire: Wire) {
    this.#stationId = stationId
    this.#context = context
    this.#wire = wire
  }

  /** Never rejects. The payload is validated, and turned to text, before this returns. */
  call(route: Route, payload: object): Promise<CommandResult> {
    const { counters, limits, wheel } = this.#context
    if (this.#closed) return Promise.resolve(OFFLINE)
    const violation = route.request.send(payload)
    if (violation) {
      return Promise.resolve({ ok: false, reason: 'invalid', detail: violation.detail })
    }
    const waiting = (this.#waiting ??= [])
    if (waiting.length >= limits.maxWaitingCalls) {
      counters.queueRefusals++
      const detail = `${waiting.length} commands are waiting for this station already; try again when some are done`
      return Promise.resolve({ ok: false, reason: 'busy', detail })
    }
    const id = this.#context.nextMessageId()
    const text = callText(id, route.action, JSON.stringify(payload))
    return new Promise((resolve) => {
      waiting.push({ id, route, text, queuedTick: wheel.tick, resolve })
      if (this.#open === null) this.#sendNext()
    })
  }

  /** The action of the open CALL with this id, or null: late, or never ours. */
  actionOf(id: unknown): string | null {
    const call = this.#open
    return call !== null && call.id === id ? call.route.action : null
  }

  /** A CALLRESULT for the open CALL. */
  succeed(payload: unknown): void {
    const call = this.#finish()
    if (!call) return
    const verdict = call.route.response.receive(payload)
    if (verdict) for (const slip of verdict.slips) this.#context.counters.slips[slip]++
    if (!verdict?.violation) {
      call.resolve({ ok: true, response: payload })
      return
    }
    this.#context.counters.violations++
    const { code, detail } = verdict.violation
    call.resolve({
      ok: false,
      reason: 'call-error',
      code,
      detail: `The station's answer does not fit its schema: ${detail}`,
      response: payload,
    })
  }

  /** A CALLERROR for the open CALL. */
  fail(code: unknown, description: unknown): void {
    const call = this.#finish()
    if (!call) return
    const known = readErrorCode(code)
    const said = typeof description === 'string' && description !== '' ? `: ${description}` : ''
    const detail = `The station answered ${call.route.action} with ${known}${said}`
    call.resolve({ ok: false, reason: 'call-error', code: known, detail })
  }

  /** The answer to the open CALL came, but cannot be read. */
  unreadable(why: string): void {
    const call = this.#finish()
    if (!call) return
    this.#context.counters.violations++
    const detail = `The station's answer to ${call.route.action} cannot be read; whether it took effect is unknown: ${why}`
    call.resolve({ ok: false, reason: 'call-error', code: 'FormatViolation', detail })
  }

  /** The open CALL was not answered in time. */
  expire(): void {
    const call = this.#finish()
    if (!call) return
    this.#context.counters.timeouts++
    const seconds = this.#context.limits.callTimeoutMs / 1000
    const detail = `${call.route.action} was not answered within ${seconds} s; whether it took effect is unknown`
    call.resolve({ ok: false, reason: 'timeout', detail })
  }

  /** The connection is gone. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const waiting = this.#waiting ?? []
    this.#waiting = null
    const call = this.#finish()
    const detail = `The connection ended before ${call?.route.action} was answered; whether it took effect is unknown`
    call?.resolve({ ok: false, reason: 'timeout', detail })
    for (const { resolve } of waiting) resolve(OFFLINE)
  }

  /** Takes the open CALL off the wire and sends the next before the result is heard. */
  #finish(): OurCall | null {
    const call = this.#open
    this.#context.wheel.cancel(this)
    this.#open = null
    this.#sendNext()
    return call
  }

  #sendNext(): void {
    const { counters, hooks, limits, wheel } = this.#context
    let call = this.#waiting?.shift()
    while (call && (wheel.tick - call.queuedTick) * wheel.tickMs > limits.waitTimeoutMs) {
      counters.queueRefusals++
      const detail = `${call.route.action} waited ${limits.waitTimeoutMs / 1000} s behind other commands and was not sent`
      call.resolve({ ok: false, reason: 'busy', detail })
      call = this.#waiting?.shift()
    }
    if (!call) return
    this.#open = call
    counters.callsOut++
    wheel.set(this, limits.callTimeoutMs)
    hooks.onFrame?.(this.#stationId, 'out', 'call', call.route.action, call.id, call.text)
    this.#wire.send(call.text)
  }
}

export const OFFLINE: CommandResult = {
  ok: false,
  reason: 'offline',
  detail: 'The station is not connected',
}
