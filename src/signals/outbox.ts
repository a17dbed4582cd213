/**
 * What waits to be published while the broker is away or has not confirmed yet. Bounded: at the
 * bound the oldest message that is not on the wire goes, because the newest state is worth more.
 */
export interface PublishOptions {
  readonly qos?: 0 | 1
  readonly retain?: boolean
  /** MQTT 5: the broker forgets the message after this time. Waiting here counts against it. */
  readonly expiryS?: number
  /** MQTT 5: whose request this answers. */
  readonly correlation?: Buffer
  /** MQTT 5. */
  readonly contentType?: string
}

export interface OutgoingMessage {
  readonly topic: string
  readonly payload: string | Buffer
  readonly options: PublishOptions
  readonly queuedAtMs: number
}

export interface Outbox {
  /** Returns how many messages had to be dropped for it. */
  add(message: OutgoingMessage): number
  /**
   * The oldest messages that are not on the wire, so that at most `maxInFlight` are; expired ones
   * are removed instead. What is taken stays here until `done`.
   */
  take(nowMs: number, maxInFlight: number): OutgoingMessage[]
  done(message: OutgoingMessage): void
  /** The connection broke: everything on the wire must be sent again. */
  rewind(): void
  size(): number
}

/**
 * A retained message replaces a waiting one of the same topic: only the last state counts.
 *
 * @param maxQueued most messages kept, waiting and in flight together
 */
export const createOutbox = (maxQueued: number): Outbox => {
  // Insertion order is sending order; sets make removal cheap at any size.
  let waiting = new Set<OutgoingMessage>()
  const inFlight = new Set<OutgoingMessage>()
  const retained = new Map<string, OutgoingMessage>()

  const forget = (message: OutgoingMessage): void => {
    waiting.delete(message)
    if (retained.get(message.topic) === message) retained.delete(message.topic)
  }

  const expired = (message: OutgoingMessage, nowMs: number): boolean => {
    const { expiryS } = message.options
    return expiryS !== undefined && nowMs - message.queuedAtMs >= expiryS * 1000
  }

  return {
    add(message) {
      if (message.options.retain) {
        const older = retained.get(message.topic)
        if (older) forget(older)
        retained.set(message.topic, message)
      }
      waiting.add(message)
      if (waiting.size + inFlight.size <= maxQueued) return 0
      const [oldest] = waiting
      forget(oldest)
      return 1
    },
    take(nowMs, maxInFlight) {
      const taken: OutgoingMessage[] = []
      for (const message of waiting) {
        if (inFlight.size >= maxInFlight) break
        forget(message)
        if (expired(message, nowMs)) continue
        inFlight.add(message)
        taken.push(message)
      }
      return taken
    },
    done: (message) => void inFlight.delete(message),
    rewind() {
      const again = [...inFlight].filter(
        ({ topic, options }) => !(options.retain && retained.has(topic)),
      )
      inFlight.clear()
      waiting = new Set([...again, ...waiting])
      for (const message of again) if (message.options.retain) retained.set(message.topic, message)
    },
    size: () => waiting.size + inFlight.size,
  }
}
