import type { AppBase } from './base.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long things are kept unless the configuration says otherwise, days. */
const DAYS = { messages: 30, samples: 400, readings: 400, grants: 90, plans: 30, forecasts: 90 }
const TABLES = {
  messages: 'message',
  samples: 'sample',
  readings: 'reading',
  grants: 'grant',
  plans: 'plan',
  forecasts: 'forecast',
} as const

/** Deletes what is too old, once an hour, a little at a time. */
export const createRetention = ({ loaded, clock, storage, log }: AppBase) => {
  const days = { ...DAYS, ...loaded.config.storage?.retentionDays }
  let cancel = (): void => {}
  let running = false

  const sweep = async (): Promise<void> => {
    if (running) return
    running = true
    try {
      for (const [name, table] of Object.entries(TABLES)) {
        const keptDays = days[name as keyof typeof DAYS]
        const removed = await storage.prune(table, clock.now() - keptDays * DAY_MS)
        if (removed > 0) log.info({ table, removed }, 'old rows were removed')
      }
    } catch (err) {
      log.error({ err }, 'old rows could not be removed')
    } finally {
      running = false
    }
  }

  return {
    start: (): void => {
      cancel = clock.every(HOUR_MS, () => void sweep())
    },
    stop: (): void => cancel(),
  }
}
