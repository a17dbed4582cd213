import type { SiteCalendar } from '../../engine/forecast/calendar.ts'
import type { StayPool } from '../../engine/forecast/stay-pool.ts'
import { createStayHistory, type Arrival } from '../../engine/forecast/stays.ts'
import { DEFAULT_QUANTILES } from '../../control/planning/plan-quantiles.ts'
import { ASSUMED, type Knowledge } from './knowledge.ts'
import type { Network } from './network/network.ts'
import type { Grid, Stay } from './stay.ts'

/** A vehicle that got all that was likely and still draws gets this much more. */
const EXTRA_WH = 5_000

/**
 * What Busbar would have known: the word of the driver, and the quantiles of the stays that had
 * ended by then (engine/forecast), read as the planner reads them (control/planning/plan-evs.ts).
 */
export const forecastKnowledge = (
  network: Network,
  { startMs, stepS }: Grid,
  stays: readonly Stay[],
  calendar: SiteCalendar,
): Knowledge => {
  const stepMs = stepS * 1000
  const history = createStayHistory(calendar)
  const byEnd = [...stays].sort((a, b) => a.depart - b.depart)
  const pools = new Map<Stay, StayPool>()
  let learned = 0

  const arrivalOf = ({ arrive, evse, user, declared }: Stay): Arrival => ({
    arrivedMs: startMs + arrive * stepMs,
    stationId: network.evses[evse].stationId,
    userId: user,
    saidStayMs:
      declared?.depart != null && declared.depart > arrive
        ? (declared.depart - arrive) * stepMs
        : null,
    saidEnergyWh: declared?.needWh ?? null,
  })

  const learn = (t: number): void => {
    for (; learned < byEnd.length && byEnd[learned].depart <= t; learned++) {
      const stay = byEnd[learned]
      history.learn({
        ...arrivalOf(stay),
        stationId: network.evses[stay.evse].stationId,
        stayMs: (stay.depart - stay.arrive) * stepMs,
        energyWh: stay.needWh,
      })
      pools.delete(stay)
    }
  }

  const poolOf = (stay: Stay): StayPool => {
    const known = pools.get(stay)
    if (known) return known
    const defaults = { stayMs: ASSUMED.stayS * 1000, energyWh: ASSUMED.needWh }
    const pool = history.pool(arrivalOf(stay), defaults)
    pools.set(stay, pool)
    return pool
  }

  return ({ stay, deliveredWh }, t) => {
    learn(t)
    const pool = poolOf(stay)
    const elapsedMs = (t - stay.arrive) * stepMs
    const likelyStep = (quantile: number): number =>
      stay.arrive + Math.ceil(pool.stayMs(quantile, elapsedMs) / stepMs)
    const said = stay.declared?.depart ?? 0
    const depart = Math.max(t + 1, said > t ? said : likelyStep(DEFAULT_QUANTILES.depart))
    const energyWh = (quantile: number) => pool.energyWh(quantile, elapsedMs, deliveredWh)
    const saidWh = stay.declared?.needWh ?? 0
    const mostWh = saidWh > deliveredWh ? saidWh : energyWh(DEFAULT_QUANTILES.energyMost)
    const likelyWh = Math.min(mostWh, energyWh(DEFAULT_QUANTILES.energy)) - deliveredWh
    const by = Math.max(t + 1, likelyStep(DEFAULT_QUANTILES.departEarly))
    return {
      needWh: mostWh > deliveredWh ? mostWh - deliveredWh : EXTRA_WH,
      depart,
      early: by < depart && likelyWh > 0 ? { needWh: likelyWh, by } : null,
    }
  }
}
