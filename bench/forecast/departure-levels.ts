import type { SiteCalendar } from '../../src/engine/forecast/calendar.ts'
import type { StayPool } from '../../src/engine/forecast/stay-pool.ts'
import { createStayHistory, type PastStay } from '../../src/engine/forecast/stays.ts'

const POWER_W = 6_600
const STEP_MS = 900_000
const STEP_WH = (POWER_W * STEP_MS) / 3_600_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WARM_UP = 100
const DEFAULTS = { stayMs: 8 * HOUR_MS, energyWh: 30_000 }
const LEVELS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5]
const MISSING_PRICE = 2

type Price = (hour: number) => number
const dipAt =
  (cheapest: number): Price =>
  (hour) =>
    0.2 - 0.1 * Math.cos((2 * Math.PI * (hour - cheapest)) / 24)

/** Prices per kWh by hour of the day; all tempt vehicles that come in the morning to wait. */
const PRICES: readonly (readonly [name: string, price: Price])[] = [
  ['lowest at noon', dipAt(12)],
  ['lowest at 15:00', dipAt(15)],
  ['steps', (hour) => (hour < 8 ? 0.2 : hour < 12 ? 0.35 : hour < 16 ? 0.15 : 0.45)],
]

/**
 * One vehicle at a time, 6.6 kW: it charges in the cheapest quarter hours before the quantile of
 * its departure, which is asked again in each of them. What it lacks when it really leaves costs as
 * much as in a plan.
 */
export const departureLevels = (recorded: readonly PastStay[], calendar: SiteCalendar): string => {
  const sessions = [...recorded].sort((a, b) => a.arrivedMs - b.arrivedMs)
  const pools = poolsOf(sessions, calendar)
  const hourAt = (atMs: number): number => {
    const localMs = atMs + calendar.offsetMs(atMs)
    return (localMs % DAY_MS) / HOUR_MS
  }
  const lines = LEVELS.map((level) => {
    const cells = PRICES.map(([, price]) => {
      let [cost, wanted, missing] = [0, 0, 0]
      sessions.forEach((session, k) => {
        const pool = pools[k]
        if (pool === null) return
        const played = play(session, pool, level, (atMs) => price(hourAt(atMs)))
        cost += played.cost + (MISSING_PRICE * played.missingWh) / 1000
        wanted += played.wantedWh
        missing += played.missingWh
      })
      const total = ((1000 * cost) / wanted).toFixed(3)
      return `${total} (${((100 * missing) / wanted).toFixed(1)} % missing)`.padStart(24)
    })
    return `P${Math.round(level * 100)}`.padEnd(5) + cells.join('')
  })
  return ['     ' + PRICES.map(([name]) => name.padStart(24)).join(''), ...lines].join('\n')
}

const endOf = ({ arrivedMs, stayMs }: PastStay): number => arrivedMs + stayMs

const poolsOf = (sessions: readonly PastStay[], calendar: SiteCalendar): (StayPool | null)[] => {
  const history = createStayHistory(calendar)
  const byEnd = [...sessions].sort((a, b) => endOf(a) - endOf(b))
  let ended = 0
  return sessions.map((session) => {
    while (ended < byEnd.length && endOf(byEnd[ended]) <= session.arrivedMs) {
      history.learn(byEnd[ended++])
    }
    return history.learned() < WARM_UP ? null : history.pool(session, DEFAULTS)
  })
}

const play = (
  { arrivedMs, stayMs, energyWh }: PastStay,
  pool: StayPool,
  level: number,
  priceAt: (atMs: number) => number,
): { cost: number; wantedWh: number; missingWh: number } => {
  const wantedWh = Math.min(energyWh, (POWER_W * stayMs) / HOUR_MS)
  let missingWh = wantedWh
  let cost = 0
  for (let atMs = 0; atMs < stayMs && missingWh > 1; atMs += STEP_MS) {
    const untilMs = pool.stayMs(level, atMs)
    const now = priceAt(arrivedMs + atMs)
    let cheaper = 0
    for (let laterMs = atMs + STEP_MS; laterMs + STEP_MS <= untilMs; laterMs += STEP_MS) {
      if (priceAt(arrivedMs + laterMs) < now - 1e-6) cheaper++
    }
    if (cheaper * STEP_WH >= missingWh) continue
    const givenWh = Math.min(missingWh, (POWER_W * Math.min(STEP_MS, stayMs - atMs)) / HOUR_MS)
    missingWh -= givenWh
    cost += (givenWh / 1000) * now
  }
  return { cost, wantedWh, missingWh }
}
