import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Ctrl+C reaches every process of a terminal, and those above us pass it on: what comes within this
 * time is the same wish.
 */
const SAME_WISH_MS = 1_000

/**
 * Asks for a reload by the custom of servers, or says that the terminal is gone. Neither is a wish to
 * end: charging goes on.
 */
export const onHangup = (run: () => void): void => void process.on('SIGHUP', run)

/**
 * Resolves when somebody wants the program to end. Who says so again, later, wants it at once.
 */
export const stopRequested = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let firstAtMs: number | null = null
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        const nowMs = performance.now()
        if (firstAtMs !== null && nowMs - firstAtMs > SAME_WISH_MS) {
          process.exit(128 + constants.signals[signal])
        }
        firstAtMs ??= nowMs
        resolve(signal)
      })
    }
  })
