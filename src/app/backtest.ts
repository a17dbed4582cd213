import { DateTime } from 'luxon'
import type { LoadedConfig } from '../config/load.ts'
import { shortfallPriceOf } from '../control/planning/build-problem.ts'
import { DEFAULT_MAX_CHANGES } from '../control/planning/planning.ts'
import { createSiteCalendar } from '../control/planning/site-calendar.ts'
import { AppError } from '../errors.ts'
import type { CsvFormat } from '../net/csv.ts'
import { runBacktest, type BacktestOptions, type Goal, type Run } from '../sim/backtest/backtest.ts'
import type { PilotRule } from '../sim/backtest/algorithms/pilots.ts'
import type { Billing } from '../sim/backtest/billing.ts'
import { caseOf } from '../sim/backtest/case.ts'
import { forecastKnowledge } from '../sim/backtest/forecast-knowledge.ts'
import { declaredKnowledge, perfectKnowledge, type Knowledge } from '../sim/backtest/knowledge.ts'
import { networkFromAcn } from '../sim/backtest/network/from-acn.ts'
import { networkFromPower } from '../sim/backtest/network/from-power.ts'
import { networkFromSite } from '../sim/backtest/network/from-site.ts'
import type { Network } from '../sim/backtest/network/network.ts'
import type { AlgorithmName, KnowledgeName } from '../sim/backtest/names.ts'
import { readSessions } from '../sim/backtest/sessions/read.ts'
import type { RecordedSession } from '../sim/backtest/sessions/recorded.ts'
import type { Case } from '../sim/backtest/stay.ts'
import { loadTariff } from '../tariffs/load.ts'
import type { Tariff } from '../tariffs/tariff.ts'
import { billingOf, marketPrices } from './backtest-billing.ts'

/** A file that was read; errors name it. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

export interface BacktestSettings {
  readonly sessions: NamedText
  /** Of the sessions file. */
  readonly format?: CsvFormat
  /** `2019-05`: only sessions that begin in it, by the local clock; `null` = all. */
  readonly month: string | null
  /** A site of ours, a network of the ACN studies, or stations below one limit in kW. */
  readonly network: { readonly site: LoadedConfig } | { readonly acn: NamedText } | 'power'
  readonly capacityKw: number | null
  /** Id or path; `null` = no costs. */
  readonly tariff: string | null
  /** Of the market that the tariff follows, if it follows one. */
  readonly prices: NamedText | null
  /** IANA; `null` = that of the site, else of the tariff, else UTC. */
  readonly timeZone: string | null
  readonly algorithms: readonly AlgorithmName[]
  readonly stepS: number
  readonly pilots: PilotRule
  /** On/off changes per session that Busbar may cause; `null` = as in production. */
  readonly maxChanges: number | null
  readonly knowledge: KnowledgeName
  /** `null` = cost where there is a tariff. */
  readonly goal: Goal['kind'] | null
  readonly revenuePerKwh: number | null
  /** The most any vehicle draws, watts; `null` = what its EVSE gives. */
  readonly vehicleW: number | null
}

export interface Backtest {
  readonly network: Network
  readonly timeZone: string
  readonly goal: Goal['kind']
  /** `null` without a tariff. */
  readonly billing: Billing | null
  readonly maxChanges: number
  readonly replayed: Case
  readonly runs: readonly Run[]
  /** What is odd about the recording, for people. */
  readonly notes: readonly string[]
}

/** EVSEs of which nothing is known: 22 kW, three-phase. */
const PLAIN_EVSE = {
  wiring: 'L1L2L3',
  supply: { kind: 'three-phase', voltageV: 230 },
  minA: 6,
  maxA: 32,
} as const

/** Errors about a file say which. */
const about = <T>({ name }: NamedText, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError(error.code, `${name}: ${error.message}`, { cause: error })
  }
}

const jsonOf = ({ name, text }: NamedText): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AppError('payload-invalid', `${name} is not JSON: ${(error as Error).message}`)
  }
}

const inMonth = (
  sessions: readonly RecordedSession[],
  month: string | null,
  zone: string,
): readonly RecordedSession[] => {
  if (month === null) return sessions
  const fromMs = DateTime.fromISO(month, { zone }).toMillis()
  const toMs = DateTime.fromISO(month, { zone }).plus({ months: 1 }).toMillis()
  const found = sessions.filter(({ connectedMs }) => fromMs <= connectedMs && connectedMs < toMs)
  if (found.length > 0) return found
  throw new AppError('payload-invalid', `no session begins in ${month}`)
}

/** Two vehicles at one EVSE at a time: the file names stations with several EVSEs, or is wrong. */
const overlapsIn = ({ stays }: Case, { evses }: Network): string[] => {
  const busyUntil = new Map<number, number>()
  const overlapping = stays.filter(({ evse, arrive, depart }) => {
    const until = busyUntil.get(evse) ?? -Infinity
    busyUntil.set(evse, Math.max(until, depart))
    return arrive < until
  })
  if (overlapping.length === 0) return []
  const [first] = overlapping
  return [
    `${overlapping.length} of ${stays.length} sessions begin while another one is at the same EVSE` +
      ` (first: ${first.id} at ${evses[first.evse].id}); the replay lets them charge at the same time`,
  ]
}

const siteOf = ({ network }: BacktestSettings): LoadedConfig | null =>
  network !== 'power' && 'site' in network ? network.site : null

const planningOf = (settings: BacktestSettings): LoadedConfig['config']['planning'] =>
  siteOf(settings)?.config.planning

const networkOf = (
  { network, capacityKw }: BacktestSettings,
  sessions: readonly RecordedSession[],
): Network => {
  if (network === 'power') {
    const stations = [...new Set(sessions.map(({ station }) => station))].sort()
    return networkFromPower(stations, PLAIN_EVSE, capacityKw)
  }
  if ('site' in network) return networkFromSite(network.site.site, capacityKw)
  return networkFromAcn(network.acn.name, jsonOf(network.acn), capacityKw)
}

const knowledgeOf = (
  settings: BacktestSettings,
  zone: string,
  through: Network,
  { grid, stays }: Case,
): Knowledge => {
  switch (settings.knowledge) {
    case 'perfect':
      return perfectKnowledge
    case 'declared':
      return declaredKnowledge(grid.stepS)
    case 'forecast': {
      const holidays = siteOf(settings)?.config.site.holidays
      return forecastKnowledge(through, grid, stays, createSiteCalendar(zone, holidays ?? null))
    }
  }
}

const billingWith = (tariff: Tariff, prices: NamedText | null): Billing =>
  billingOf(tariff, prices && about(prices, () => marketPrices(prices.text, tariff)))

/** A kWh that is missing costs what it would be sold for, else what plans of the site take it for. */
const goalOf = (settings: BacktestSettings, billing: Billing | null, { grid }: Case): Goal => {
  if (billing === null || settings.goal === 'energy') return { kind: 'energy' }
  const dearest = billing.prices(grid).reduce((most, price) => Math.max(most, price), 0)
  const shortfallPrice = settings.revenuePerKwh ?? planningOf(settings)?.shortfallPrice
  return {
    kind: 'cost',
    shortfallPrice: shortfallPriceOf(
      shortfallPrice === undefined ? {} : { shortfallPrice },
      Float64Array.of(dearest),
      [],
    ),
  }
}

/**
 * Replays recorded sessions under each algorithm, with the planner and the execution of the product
 * and, where there is a tariff, its prices. Blocks while it computes.
 *
 * @param begin told before each algorithm
 * @throws AppError `payload-invalid`, `config-invalid`: what is wrong, in which file and line
 */
export const backtest = async (
  settings: BacktestSettings,
  begin: (algorithm: AlgorithmName) => void = () => {},
): Promise<Backtest> => {
  const { sessions: recording, stepS, vehicleW, format } = settings
  const tariff = settings.tariff === null ? null : await loadTariff(settings.tariff)
  const billing = tariff && billingWith(tariff, settings.prices)
  const timeZone =
    settings.timeZone ?? siteOf(settings)?.config.site.timeZone ?? tariff?.file.timeZone ?? 'UTC'
  const sessions = about(recording, () =>
    inMonth(
      readSessions(recording.text, { timeZone, ...(format && { format }) }),
      settings.month,
      timeZone,
    ),
  )
  const network = networkOf(settings, sessions)
  const replayed = about(recording, () => caseOf(network, sessions, { stepS, timeZone, vehicleW }))
  const goal = goalOf(settings, billing, replayed)
  const maxChanges = settings.maxChanges ?? planningOf(settings)?.maxChanges ?? DEFAULT_MAX_CHANGES
  const options: Omit<BacktestOptions, 'knowledge'> = {
    isUnsure: settings.knowledge !== 'perfect',
    pilots: settings.pilots,
    maxChanges,
    goal,
    billing,
    revenuePerKwh: settings.revenuePerKwh ?? 0,
    now: () => performance.now() / 1000,
  }
  const runs = settings.algorithms.map((algorithm) => {
    begin(algorithm)
    const knowledge = knowledgeOf(settings, timeZone, network, replayed)
    return runBacktest(algorithm, network, replayed, { ...options, knowledge })
  })
  const notes = overlapsIn(replayed, network)
  return { network, timeZone, goal: goal.kind, billing, maxChanges, replayed, runs, notes }
}
