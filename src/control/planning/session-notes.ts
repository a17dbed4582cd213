import type { Session } from '../../domain/session.ts'
import type { StayPool } from '../../engine/forecast/stay-pool.ts'
import type { StayDefaults } from '../../engine/forecast/stays.ts'
import type { ForecastJournal } from './forecast-journal.ts'

/**
 * Writes down what was expected of each session: at its plug-in, one hour and four hours later;
 * hours of stay and kWh. Baseline: the mean of all sessions.
 */
export interface SessionNotes {
  readonly noted: (session: Session, nowMs: number, pool: StayPool, means: StayDefaults) => void
  readonly ended: (session: Session, stayMs: number) => void
}

const NOTED_AFTER_S: readonly number[] = [0, 3_600, 14_400]
/** Later than this it is another forecast: after a restart, say. */
const LATE_S = 600
const LEVELS: readonly number[] = [0.2, 0.5, 0.8]
const HOUR_MS = 3_600_000

export const createSessionNotes = (journal: ForecastJournal | null): SessionNotes => {
  /** How many of the times above are behind each open session. */
  const done = new Map<string, number>()

  const note = (
    journal: ForecastJournal,
    session: Session,
    leadS: number,
    pool: StayPool,
    means: StayDefaults,
  ): void => {
    const elapsedMs = leadS * 1000
    const madeAtMs = session.connectedAtMs + elapsedMs
    journal.note({
      kind: 'departure',
      subject: session.id,
      madeAtMs,
      leadS,
      quantiles: LEVELS.map((level) => [level, pool.stayMs(level, elapsedMs) / HOUR_MS]),
      baseline: Math.max(means.stayMs, elapsedMs) / HOUR_MS,
    })
    const kWh = (level: number): number => pool.energyWh(level, elapsedMs, session.energyWh) / 1000
    journal.note({
      kind: 'energy',
      subject: session.id,
      madeAtMs,
      leadS,
      quantiles: LEVELS.map((level) => [level, kWh(level)]),
      baseline: Math.max(means.energyWh, session.energyWh) / 1000,
    })
  }

  return {
    noted: (session, nowMs, pool, means) => {
      if (journal === null) return
      const next = done.get(session.id) ?? 0
      const leadS = NOTED_AFTER_S[next]
      if (leadS === undefined) return
      const elapsedS = (nowMs - session.connectedAtMs) / 1000
      if (elapsedS < leadS) return
      done.set(session.id, next + 1)
      if (elapsedS < leadS + LATE_S) note(journal, session, leadS, pool, means)
    },
    ended: (session, stayMs) => {
      done.delete(session.id)
      journal?.settle('departure', session.id, null, stayMs / HOUR_MS)
      journal?.settle('energy', session.id, null, session.energyWh / 1000)
    },
  }
}
