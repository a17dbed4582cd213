import type { ServerResponse } from 'node:http'
import type { Clock } from '../../ports/clock.ts'

/** One open stream. Its reader may be slow: what waits for it is bounded. */
export interface StreamClient {
  /** Returns false when the client is too slow to get this; it will be told that it missed some. */
  send(text: string): boolean
  /** For what the next one replaces: left out while anything waits, and nobody is told. */
  offer(text: string): void
  end(): void
}

export interface StreamClientDeps {
  readonly clock: Clock
  /** What a client that missed something is sent once it can read again. */
  readonly afterGap: () => string
}

const MAX_WAITING_BYTES = 4 * 1024 * 1024
const OFFERED_BELOW_BYTES = 64 * 1024
/** Time to read what waits; then the connection is cut. */
const PATIENCE_MS = 60_000

/** @param response with its head written */
export const createStreamClient = (
  response: ServerResponse,
  { clock, afterGap }: StreamClientDeps,
): StreamClient => {
  let hasGap = false
  let cancelPatience = (): void => {}

  const isOver = (): boolean => response.writableEnded || response.destroyed

  response.on('drain', () => {
    if (!hasGap) return
    hasGap = false
    cancelPatience()
    if (!isOver()) response.write(afterGap())
  })
  response.on('close', () => cancelPatience())

  return {
    send: (text) => {
      if (hasGap || isOver()) return false
      if (response.writableLength > MAX_WAITING_BYTES) {
        hasGap = true
        cancelPatience = clock.after(PATIENCE_MS, () => response.destroy())
        return false
      }
      response.write(text)
      return true
    },
    offer: (text) => {
      if (hasGap || isOver() || response.writableLength >= OFFERED_BELOW_BYTES) return
      response.write(text)
    },
    end: () => response.end(),
  }
}
