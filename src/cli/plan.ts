import type { Command } from 'commander'
import type { Static } from 'typebox'
import type { PLAN } from '../api/resources/plan.ts'
import { apiCommand, type ApiOptions } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { createTimes, kilowattHours, kilowatts, type Times } from './text.ts'

export type Plan = Static<typeof PLAN>

export const planCommand = (terminal: Terminal): Command =>
  apiCommand('plan', 'the plan that is followed: power per hour, energy per vehicle, cost').action(
    async (options: ApiOptions) => {
      const { connectApi } = await import('./api/client.ts')
      const { PLAN } = await import('../api/resources/plan.ts')
      const { SITE } = await import('../api/resources/site.ts')
      const api = connectApi(options, terminal)
      const plan = await api.get('/v1/plan', PLAN)
      if (options.json) {
        terminal.json(plan)
        return
      }
      const { timeZone, currency } = await api.get('/v1/site', SITE)
      const nowMs = terminal.now()
      terminal.out(planText(plan, createTimes(nowMs, timeZone), currency, nowMs))
    },
  )

const HOUR_S = 3_600
/** Less than that is shown as nothing. */
const SHOWN_WH = 50

/** Averages of whole hours from the start of the plan on. */
export const hourly = (values: readonly number[], stepS: number): number[] => {
  const perHour = Math.max(1, Math.round(HOUR_S / stepS))
  return Array.from({ length: Math.ceil(values.length / perHour) }, (_, hour) => {
    const part = values.slice(hour * perHour, (hour + 1) * perHour)
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
}

export const planText = (plan: Plan, times: Times, currency: string, nowMs: number): string => {
  return [
    `Made at ${times.minute(plan.createdAt)}: ${certificate(plan)}`,
    ...costLines(plan, currency),
    '',
    hourTable(plan, times),
    ...(plan.sessions.length > 0 ? ['', vehicleTable(plan, nowMs)] : []),
    ...bottlenecks(plan),
  ].join('\n')
}

const percent = (part: number): string => `${(part * 100).toFixed(2)} %`

/** Who made the plan, and how good it is for certain. */
const certificate = ({ method, fallbackBecause, gap }: Plan): string => {
  const proof = gap === null ? 'without a proof' : `at most ${percent(gap)} above the best possible`
  if (method === 'optimal') return `optimal, ${proof}`
  return `by the simple planner, ${proof}, because ${fallbackBecause ?? 'the other failed'}`
}

/** Below this an amount is not worth a word. */
const NOTHING = 0.005

/** What is on the bill, and apart from it the penalties that only steer the plan. */
const costLines = ({ costs }: Plan, currency: string): string[] => {
  const amount = (value: number): string => `${value.toFixed(2)} ${currency}`
  const counted = [
    ['carbon', costs.carbon],
    ['penalty for undelivered energy', costs.shortfall],
    ['other penalties', costs.other],
  ] as const
  const told = counted
    .filter(([, value]) => Math.abs(value) >= NOTHING)
    .map(([what, value]) => `${what} ${amount(value)}`)
  return [
    `Charging cost ${amount(costs.energy + costs.demand)}: energy ${amount(costs.energy)}, demand charge ${amount(costs.demand)}`,
    ...(costs.baseDemand >= NOTHING
      ? [`Demand charge of the building alone: ${amount(costs.baseDemand)} (not a charging cost)`]
      : []),
    ...(told.length > 0 ? [`Not on the bill: ${told.join(', ')} (used for planning only)`] : []),
  ]
}

/** Hours that look alike are one line. */
const hourTable = ({ start, stepS, controlledW, baseW }: Plan, times: Times): string => {
  const others = hourly(baseW, stepS)
  const spanMs = Math.max(HOUR_S, stepS) * 1_000
  const hours = hourly(controlledW, stepS).map((vehiclesW, hour) => {
    const othersW = others[hour] ?? 0
    return [vehiclesW, othersW, vehiclesW + othersW].map(kilowatts)
  })
  const rows: string[][] = []
  for (const [hour, cells] of hours.entries()) {
    const to = times.minute(Date.parse(start) + (hour + 1) * spanMs)
    const before = rows.at(-1)
    if (before?.slice(2).join() === cells.join()) before[1] = to
    else rows.push([times.minute(Date.parse(start) + hour * spanMs), to, ...cells])
  }
  return table(
    [
      { title: 'FROM' },
      { title: 'TO' },
      { title: 'VEHICLES', right: true },
      { title: 'OTHERS', right: true },
      { title: 'TOGETHER', right: true },
    ],
    rows,
  )
}

const vehicleTable = ({ start, stepS, sessions }: Plan, nowMs: number): string => {
  const step = Math.floor((nowMs - Date.parse(start)) / (stepS * 1_000))
  return table(
    [
      { title: 'EVSE' },
      { title: 'NOW', right: true },
      { title: 'ENERGY', right: true },
      { title: 'MISSING', right: true },
      { title: 'BECAUSE' },
    ],
    sessions.map(({ key, powerW, energyWh, unservedWh, unservedBecause }) => [
      key,
      kilowatts(powerW[step] ?? 0),
      kilowattHours(energyWh),
      unservedWh >= SHOWN_WH ? kilowattHours(unservedWh) : '-',
      unservedBecause ?? '',
    ]),
  )
}

const MAX_BOTTLENECKS = 5

const bottlenecks = ({ bottlenecks: all }: Plan): string[] => {
  const lines = all.slice(0, MAX_BOTTLENECKS).map(({ text }) => `  ${text}`)
  return lines.length === 0 ? [] : ['', 'Bottlenecks:', ...lines]
}
