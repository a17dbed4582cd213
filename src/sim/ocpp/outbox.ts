import type { Log } from '../../ports/log.ts'
import { isForgotten, type RpcClient } from './rpc-client.ts'

/** A message about a transaction: kept and sent in order, also after days without a connection. */
export interface OutboxMessage {
  readonly action: string
  /** Made when it is sent: a 1.6 message names the transaction only once its id is known. */
  readonly payload: () => object
  /** The answer, or `null` when the message was given up. */
  readonly answered: (response: unknown) => void
  /** Periodic values go first when the queue is full. */
  readonly dispensable: boolean
  /** 2: sent again after its first answer, as if that had been lost. */
  readonly copies: 1 | 2
}

export interface Outbox {
  push(message: OutboxMessage): void
  /** Goes on with sending; until then, and after `pause`, messages wait. */
  resume(): void
  pause(): void
  size(): number
}

const MAX_MESSAGES = 2000
const MAX_ATTEMPTS = 3
const RETRY_INTERVAL_MS = 5000

/**
 * Transaction messages in order, one at a time. After an error or no answer, attempt n waits
 * n intervals, then the message is dropped (1.6 3.7.1 TransactionMessageAttempts, 2.0.1 E13). A lost
 * connection costs no attempt, nor does a central system that wants a boot first.
 */
export const createOutbox = (
  rpc: Pick<RpcClient, 'call'>,
  later: (delayMs: number, run: () => void) => void,
  log: Log,
): Outbox => {
  const queue: OutboxMessage[] = []
  const state = { flowing: false, sending: false }
  let attempts = 0
  let copiesSent = 0

  const done = (): OutboxMessage => {
    attempts = 0
    copiesSent = 0
    return queue.shift()!
  }

  const pump = async (): Promise<void> => {
    if (state.sending) return
    state.sending = true
    while (state.flowing && queue.length > 0) {
      const head = queue[0]
      const outcome = await rpc.call(head.action, head.payload())
      if (outcome.ok) {
        copiesSent++
        if (copiesSent >= head.copies) done().answered(outcome.response)
        continue
      }
      if (outcome.reason === 'offline' || isForgotten(outcome)) break
      attempts++
      if (attempts >= MAX_ATTEMPTS) {
        log.warn({ action: head.action }, 'A transaction message was given up')
        done().answered(null)
        continue
      }
      await new Promise<void>((resolve) => later(attempts * RETRY_INTERVAL_MS, resolve))
    }
    state.sending = false
  }

  const go = (): void => {
    pump().catch((error: unknown) => log.error({ err: error }, 'The outbox failed'))
  }

  return {
    push: (message) => {
      if (queue.length >= MAX_MESSAGES) {
        // Never the head: it may be on its way.
        const victim = queue.findIndex((other, index) => index > 0 && other.dispensable)
        log.warn({ action: message.action }, 'The outbox is full, periodic values are lost')
        if (victim > 0) queue.splice(victim, 1)
        else if (message.dispensable) return
      }
      queue.push(message)
      go()
    },
    resume: () => {
      state.flowing = true
      go()
    },
    pause: () => {
      state.flowing = false
    },
    size: () => queue.length,
  }
}
