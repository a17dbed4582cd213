import type { Quality, Reading } from '../../domain/reading.ts'
import { kw } from './acks.ts'

/** What is published per period and point. */
export interface ReadingReport {
  readonly seq: number
  readonly from: string
  readonly to: string
  /** Average over the period, positive = import; absent when nothing was measured. */
  readonly kw?: number
  readonly importKwh?: number
  readonly exportKwh?: number
  readonly quality: 'OK' | 'ESTIMATED' | 'BAD' | 'MISSING'
  /** Our clock less theirs, when they differ by more than 2 s. */
  readonly clockSkewMs?: number
}

const REPORTED: Record<Quality, ReadingReport['quality']> = {
  good: 'OK',
  uncertain: 'ESTIMATED',
  suspect: 'ESTIMATED',
  bad: 'BAD',
}
const SEVERITY: readonly Quality[] = ['good', 'uncertain', 'suspect', 'bad']

/**
 * Averages the readings of one point over a period: each power holds until the next reading, so the
 * average is that of the energy, however irregular the readings are. A period without a reading is
 * reported as missing, never skipped.
 */
export const createReadingWindow = (startMs: number) => {
  let fromMs = startMs
  let atMs = startMs
  let powerW: number | null = null
  let wattMs = 0
  let coveredMs = 0
  let heard = false
  let worst: Quality = 'good'
  let latest: Reading | null = null
  let seq = 0

  const advance = (toMs: number): void => {
    if (toMs <= atMs) return
    if (powerW !== null) {
      wattMs += powerW * (toMs - atMs)
      coveredMs += toMs - atMs
    }
    atMs = toMs
  }

  return {
    add(reading: Reading): void {
      advance(reading.measuredAtMs)
      powerW = reading.powerW ?? powerW
      latest = reading
      heard = true
      if (SEVERITY.indexOf(reading.quality) > SEVERITY.indexOf(worst)) worst = reading.quality
    },
    /** Ends the period. */
    close(nowMs: number, skewMs: number): ReadingReport {
      advance(nowMs)
      const measured = heard && coveredMs > 0
      const report: ReadingReport = {
        seq: seq++,
        from: new Date(fromMs).toISOString(),
        to: new Date(nowMs).toISOString(),
        ...(measured ? { kw: kw(wattMs / coveredMs) } : {}),
        ...(heard && latest?.energyImportWh !== undefined
          ? { importKwh: latest.energyImportWh / 1_000 }
          : {}),
        ...(heard && latest?.energyExportWh !== undefined
          ? { exportKwh: latest.energyExportWh / 1_000 }
          : {}),
        quality: heard ? REPORTED[worst] : 'MISSING',
        ...(Math.abs(skewMs) > 2_000 ? { clockSkewMs: skewMs } : {}),
      }
      fromMs = nowMs
      // Behind `atMs` when the wall clock was set back: the new period is measured all the same.
      atMs = nowMs
      wattMs = 0
      coveredMs = 0
      worst = 'good'
      // A value that nobody confirmed for a whole period does not hold any longer.
      if (!heard) powerW = null
      heard = false
      return report
    },
  }
}

export type ReadingWindow = ReturnType<typeof createReadingWindow>
