import type { Clock } from '../../ports/clock.ts'

/** Reports that come in several messages, after the answer to the request for them. */
export type ReportKind = 'report' | 'charging-profiles'

interface Pending {
  readonly parts: unknown[]
  readonly finish: (complete: boolean) => void
}

export interface Report<T> {
  readonly parts: readonly T[]
  /** False: the time ran out before the last part came. */
  readonly complete: boolean
}

/** Items that one report may have; what exceeds it is left out. */
const MAX_ITEMS = 50_000

export type Reports = ReturnType<typeof createReports>

/**
 * Collects multi-part reports of OCPP 2.x by station and request id. Sequence numbers are not
 * believed (peers start anywhere); the part without `tbc` is the last.
 */
export const createReports = (clock: Clock) => {
  const pending = new Map<string, Pending>()
  let lastId = 0
  const keyOf = (stationId: string, kind: ReportKind, requestId: number): string =>
    `${kind}/${requestId}/${stationId}`

  return {
    /** A request id that no open request has. */
    nextId: (): number => (lastId = (lastId % (2 ** 31 - 1)) + 1),

    /** Call before the request is sent: the first part may come before its answer. */
    expect: <T>(
      stationId: string,
      kind: ReportKind,
      requestId: number,
      timeoutMs: number,
    ): { readonly report: Promise<Report<T>>; readonly cancel: () => void } => {
      const key = keyOf(stationId, kind, requestId)
      const parts: T[] = []
      const { promise, resolve } = Promise.withResolvers<Report<T>>()
      const finish = (complete: boolean): void => {
        stopTimer()
        pending.delete(key)
        resolve({ parts, complete })
      }
      const stopTimer = clock.after(timeoutMs, () => finish(false))
      pending.set(key, { parts, finish })
      return { report: promise, cancel: () => finish(false) }
    },

    /** A part came. Returns false when nobody waits for it. */
    add: (
      stationId: string,
      kind: ReportKind,
      requestId: number,
      items: readonly unknown[],
      toBeContinued: boolean,
    ): boolean => {
      const found = pending.get(keyOf(stationId, kind, requestId))
      if (!found) return false
      const room = MAX_ITEMS - found.parts.length
      found.parts.push(...(items.length <= room ? items : items.slice(0, room)))
      if (!toBeContinued) found.finish(true)
      return true
    },
  }
}
