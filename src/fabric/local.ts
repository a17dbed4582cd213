import type { Change, Fabric } from '../ports/fabric.ts'
import type { Log } from '../ports/log.ts'

type Handler = (change: Change) => void

interface Subscription {
  /** Null once cancelled. */
  handler: Handler | null
}

export interface LocalFabricOptions {
  readonly log: Log
  /** Changes that may wait for delivery; what is published beyond it is dropped and logged. */
  readonly maxWaiting?: number
}

/**
 * The fabric of a single process. Changes are delivered in the order of their publication, in a
 * microtask: never inside the call that publishes, so that a subscriber always sees the publisher's
 * state complete, and before the process turns to its next socket or timer. Who subscribes after a
 * change was published does not get it; who cancels gets nothing more.
 */
export const createLocalFabric = ({ log, maxWaiting = 100_000 }: LocalFabricOptions): Fabric => {
  /** Replaced, never modified: each waiting change holds on to the list of its own time. */
  let subscriptions: readonly Subscription[] = []
  let waiting: { change: Change; to: readonly Subscription[] }[] = []
  let delivering = false
  let dropped = 0

  const deliver = (): void => {
    const batch = waiting
    waiting = []
    delivering = true
    for (const { change, to } of batch) {
      for (const { handler } of to) {
        try {
          handler?.(change)
        } catch (err) {
          log.error({ err, kind: change.kind, id: change.id }, 'a subscriber failed on a change')
        }
      }
    }
    delivering = false
    if (dropped > 0) {
      log.warn({ dropped, maxWaiting }, 'changes were dropped: too many were waiting for delivery')
      dropped = 0
    }
  }

  return {
    publish: (change) => {
      if (subscriptions.length === 0) return
      if (waiting.length >= maxWaiting) {
        dropped++
        return
      }
      if (waiting.push({ change, to: subscriptions }) > 1) return
      // What a subscriber publishes waits for the next turn: a loop of answers to answers keeps the
      // processor busy, but cannot keep sockets and timers from their turn.
      if (delivering) setImmediate(deliver)
      else queueMicrotask(deliver)
    },
    subscribe: (handler) => {
      const subscription: Subscription = { handler }
      subscriptions = [...subscriptions, subscription]
      return () => {
        subscription.handler = null
        subscriptions = subscriptions.filter((other) => other !== subscription)
      }
    },
  }
}
