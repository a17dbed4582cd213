import { Type, type Static } from 'typebox'
import { planGap, type Plan, type PlannedSession } from '../../domain/plan.ts'
import type { PriceSeries } from '../../domain/price.ts'
import { choice, integer, named, nullable, number, text, time } from '../shapes.ts'
import { iso } from '../time.ts'
import { PHASES } from '../../domain/phases.ts'

export const PLANNED_SESSION = named('PlannedSession', 'What one session is to get', {
  sessionId: text(),
  key: text('stationId/evseId'),
  powerW: Type.Array(number(), { description: 'per step' }),
  energyWh: number(),
  unservedWh: number('wanted but impossible'),
  unservedBecause: nullable(text()),
})

export const PLAN = named('Plan', 'Power per session and step, with its cost', {
  id: text(),
  createdAt: time(),
  start: time('of the first step'),
  stepS: number(),
  steps: integer(),
  method: choice(['optimal', 'greedy'], 'greedy: the simple planner stood in'),
  fallbackBecause: nullable(text('why the simple planner stood in; null = it did not')),
  sessions: Type.Array(PLANNED_SESSION),
  controlledW: Type.Array(number(), { description: 'what is steered, per step' }),
  baseW: Type.Array(number(), { description: 'forecast of everything else, per step' }),
  cost: number('what the planner makes as small as it can: all of `costs`'),
  costs: named('PlanCosts', 'Cost by cause, in the currency of the site, on top of the base load', {
    energy: number('bought less sold: money'),
    demand: number('what charging adds to demand charges beyond what is billed: money'),
    baseDemand: number('what the base load alone adds to them: no cost of charging'),
    carbon: number('what carbon is weighted with'),
    shortfall: number('penalty for undelivered energy, for planning only: not on the bill'),
    other: number('setpoints missed, wear, limits that the base load alone exceeds'),
  }),
  lowerBound: nullable(number('no plan can have a lower cost; null = not known')),
  gap: nullable(number('at most this part above the least possible cost; 0.001 = 0.1 %')),
  bottlenecks: Type.Array(
    named('Bottleneck', 'What binds the plan, dearest first', {
      nodeId: nullable(text()),
      kind: choice(['phase', 'power', 'peak', 'event', 'imbalance']),
      phase: nullable(choice(PHASES)),
      eventId: nullable(text('of kind event: whose limit it is')),
      start: time(),
      end: time(),
      pricePerKwh: number('what one more kWh through it would save'),
      text: text('all of this in words, times in the zone of the site'),
    }),
  ),
})

export const presentPlannedSession = (session: PlannedSession): Static<typeof PLANNED_SESSION> => ({
  sessionId: session.sessionId,
  key: session.key,
  powerW: [...session.powerW],
  energyWh: session.energyWh,
  unservedWh: session.unservedWh,
  unservedBecause: session.unservedBecause,
})

export const presentPlan = (plan: Plan): Static<typeof PLAN> => ({
  id: plan.id,
  createdAt: iso(plan.createdAtMs),
  start: iso(plan.startMs),
  stepS: plan.stepS,
  steps: plan.steps,
  method: plan.method,
  fallbackBecause: plan.fallbackBecause,
  sessions: plan.sessions.map(presentPlannedSession),
  controlledW: [...plan.controlledW],
  baseW: [...plan.baseW],
  cost: plan.cost,
  costs: { ...plan.costs },
  lowerBound: plan.lowerBound,
  gap: planGap(plan),
  bottlenecks: plan.bottlenecks.map(({ startMs, endMs, ...rest }) => ({
    ...rest,
    start: iso(startMs),
    end: iso(endMs),
  })),
})

export const PRICE_KINDS = [
  'import',
  'export',
  'carbon',
] as const satisfies readonly PriceSeries['kind'][]

export const PRICE_SERIES = named('PriceSeries', 'What one source says about prices', {
  sourceId: text(),
  kind: choice(PRICE_KINDS),
  currency: text('ISO 4217; empty for carbon'),
  segments: Type.Array(
    named('PriceSegment', 'A price for a time', {
      start: time(),
      end: time(),
      value: number('currency per kWh, or g/kWh'),
    }),
  ),
})

/** @param fromMs, toMs segments outside of these times are left out */
export const presentPrices = (
  series: PriceSeries,
  fromMs = -Infinity,
  toMs = Infinity,
): Static<typeof PRICE_SERIES> => ({
  sourceId: series.sourceId,
  kind: series.kind,
  currency: series.currency,
  segments: series.segments
    .filter(({ startMs, endMs }) => endMs > fromMs && startMs < toMs)
    .map(({ startMs, endMs, value }) => ({ start: iso(startMs), end: iso(endMs), value })),
})
