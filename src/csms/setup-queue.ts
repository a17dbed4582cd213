import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { AdmissionSettings } from './options.ts'

/** Why a station is set up: it booted, or it came back without a boot. */
export type SetupReason = 'boot' | 'resume'
/** Reads what a station can do and configures it; given by the protocol edge. */
export type Prepare = (stationId: string, reason: SetupReason) => Promise<void>

/**
 * Set-ups after boots and reconnects: a fleet that comes back within seconds (field problem 48) must
 * not be asked for everything at once. One per station, a few at a time, the others wait in order.
 */
export interface SetupQueue {
  /** False: answer a boot with Pending. */
  hasRoom(): boolean
  /** `waitMs`: who may still boot is not asked anything before. */
  request(stationId: string, reason: SetupReason, waitMs?: number): void
  /** Hands over the work; requests that came before wait for it. */
  use(prepare: Prepare): void
  /** Starts what is due; to be called every second. */
  readonly pump: () => void
  readonly counts: () => { running: number; waiting: number }
}

/**
 * The answer to a boot must be with the station before it is asked anything: some reboot when they
 * are called earlier (field problem 46).
 */
const START_AFTER_MS = 1_000

export const createSetupQueue = (
  settings: AdmissionSettings,
  clock: Clock,
  log: Log,
): SetupQueue => {
  const waiting = new Map<string, { readonly reason: SetupReason; readonly dueMs: number }>()
  const running = new Set<string>()
  let prepare: Prepare | null = null

  const run = (stationId: string, reason: SetupReason, work: Prepare): void => {
    waiting.delete(stationId)
    running.add(stationId)
    work(stationId, reason)
      .catch((err: unknown) => log.warn({ err, stationId }, 'the set-up of a station failed'))
      .finally(() => {
        running.delete(stationId)
        pump()
      })
  }

  const pump = (): void => {
    if (prepare === null) return
    const nowMs = clock.monotonicMs()
    for (const [stationId, { reason, dueMs }] of waiting) {
      if (running.size >= settings.maxConcurrent) return
      if (dueMs <= nowMs && !running.has(stationId)) run(stationId, reason, prepare)
    }
  }

  return {
    hasRoom: () => waiting.size < settings.maxWaiting,
    request: (stationId, reason, waitMs = 0) => {
      // A boot asks for more than a reconnect: it wins over one that waits.
      const before = waiting.get(stationId)?.reason
      waiting.delete(stationId)
      waiting.set(stationId, {
        reason: before === 'boot' ? before : reason,
        dueMs: clock.monotonicMs() + START_AFTER_MS + waitMs,
      })
    },
    use: (work) => {
      prepare = work
    },
    pump,
    counts: () => ({ running: running.size, waiting: waiting.size }),
  }
}
