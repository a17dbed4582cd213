import type { SimPort, SimStation } from '../station.ts'

/** When meter values are due, and what to do then. An interval of 0 means never. */
export interface MeteringRules {
  sampledS(): number
  alignedS(): number
  /** During a transaction, from its start on. */
  sampled(port: SimPort): void
  /** At round times of the clock, for every port. */
  aligned(port: SimPort): void
}

/** Periodic and clock-aligned meter values of every port; call the result about once a second. */
export const createMetering = (
  station: SimStation,
  rules: MeteringRules,
): ((nowMs: number) => void) => {
  const dueMs = new Map<SimPort, number>()
  let alignedMark = 0
  return (nowMs) => {
    const intervalMs = 1000 * rules.sampledS()
    for (const port of station.ports) {
      if (!port.transaction || intervalMs === 0) {
        dueMs.delete(port)
        continue
      }
      // An interval that was shortened holds at once.
      const due = Math.min(dueMs.get(port) ?? nowMs, nowMs + intervalMs)
      if (nowMs < due) continue
      dueMs.set(port, due + intervalMs)
      rules.sampled(port)
    }
    const alignedS = rules.alignedS()
    const mark = alignedS === 0 ? 0 : Math.floor(nowMs / (1000 * alignedS))
    if (mark > alignedMark && alignedMark > 0) station.ports.forEach((port) => rules.aligned(port))
    alignedMark = mark
  }
}
