import { holidaysOf, type HolidayRule } from '../engine/holidays.ts'
import type { TariffFile, WhenFile } from './schema.ts'
import { localDays, localYear, type LocalDay } from './zone.ts'

/** A local day with what conditions ask about it. */
export interface CalendarDay extends LocalDay {
  readonly holiday: string | null
}

/** A stretch of time and the first rule that holds in it; -1 = none does. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
  readonly index: number
}

/** A condition, ready to be asked. `null` = always. */
export interface When {
  /** Does the day qualify at all? */
  readonly day: (day: CalendarDay) => boolean
  /**
   * Minutes of the local clock, ascending, from (inclusive) and to (exclusive); `null` = all day.
   */
  readonly minutes: readonly (readonly [number, number])[] | null
}

export interface Calendar {
  readonly timeZone: string
  /** The local days that touch [fromMs, toMs). */
  days(fromMs: number, toMs: number): CalendarDay[]
  /**
   * Which of the rules holds, as spans that tile [fromMs, toMs) exactly, neighbours differing. The
   * whole year is worked out once per rule list and kept. `everyMin` cuts the spans also at each
   * multiple of so many minutes of the local clock (for prices that depend on the hour).
   */
  spans(rules: readonly (When | null)[], fromMs: number, toMs: number, everyMin?: number): Span[]
}

const MIN_MS = 60_000
const DAY_MIN = 1440
/** Years kept in memory; a planner asks for one or two, an invoice for a few. */
const MAX_YEARS = 40

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

const dayTest = (name: string): ((day: CalendarDay) => boolean) => {
  switch (name) {
    case 'weekday':
      return (day) => day.weekday <= 5
    case 'workday':
      return (day) => day.weekday <= 5 && day.holiday === null
    case 'weekend':
      return (day) => day.weekday > 5
    case 'holiday':
      return (day) => day.holiday !== null
    default: {
      const weekday = WEEKDAYS.indexOf(name) + 1
      return (day) => day.weekday === weekday
    }
  }
}

const names = (text: string): string[] => text.split(',').map((part) => part.trim())

const minutesOf = (text: string): [number, number][] => {
  const clock = (hhmm: string): number => {
    const [hours, minutes] = hhmm.split(':')
    return Number(hours) * 60 + Number(minutes)
  }
  const ranges: [number, number][] = []
  for (const range of names(text)) {
    const [from, to] = range.split('-').map(clock)
    if (from < to) ranges.push([from, to])
    else ranges.push([0, to], [from, DAY_MIN])
  }
  return ranges.filter(([from, to]) => from < to).sort(([a], [b]) => a - b)
}

type MonthDay = number
const monthDay = (text: string): MonthDay => Number(text.slice(0, 2)) * 100 + Number(text.slice(3))

/** Season of a tariff file: is this month and day in it? */
const seasonTest = (text: string): ((at: MonthDay) => boolean) => {
  const ranges = names(text).map((range) => range.split('..').map(monthDay) as [MonthDay, MonthDay])
  return (at) =>
    ranges.some(([from, to]) => (from <= to ? at >= from && at <= to : at >= from || at <= to))
}

/**
 * Makes a condition of the file ready.
 *
 * @param seasons the file's seasons; those that `when` names must be there
 */
export const compileWhen = (
  when: WhenFile | undefined,
  seasons: Readonly<Record<string, string>>,
): When | null => {
  if (!when || Object.keys(when).length === 0) return null
  const inSeason = when.season ? names(when.season).map((name) => seasonTest(seasons[name])) : null
  const onDay = when.days ? names(when.days).map(dayTest) : null
  return {
    day: (day) =>
      (!inSeason || inSeason.some((test) => test(day.month * 100 + day.day))) &&
      (!onDay || onDay.some((test) => test(day))),
    minutes: when.hours === undefined ? null : minutesOf(when.hours),
  }
}

/** The minutes of one day at which the answer changes, and the answer from each of them on. */
interface DayPlan {
  readonly cuts: readonly number[]
  readonly index: readonly number[]
}

const planDay = (
  rules: readonly (When | null)[],
  active: readonly number[],
  everyMin: number,
): DayPlan => {
  const cuts = new Set([0])
  for (const i of active)
    for (const range of rules[i]?.minutes ?? []) cuts.add(range[0]).add(range[1])
  if (everyMin > 0) for (let minute = 0; minute < DAY_MIN; minute += everyMin) cuts.add(minute)
  const sorted = [...cuts].filter((minute) => minute < DAY_MIN).sort((a, b) => a - b)
  const holds = (i: number, minute: number): boolean => {
    const minutes = rules[i]?.minutes
    return !minutes || minutes.some(([from, to]) => minute >= from && minute < to)
  }
  return {
    cuts: sorted,
    index: sorted.map((minute) => active.find((i) => holds(i, minute)) ?? -1),
  }
}

/**
 * Appends the spans of a day. Each piece is walked by its own clock, so a clock change is exact.
 */
const addDay = (spans: Span[], day: CalendarDay, plan: DayPlan, split: boolean): void => {
  for (const piece of day.pieces) {
    const wallEnd = piece.wallMin + (piece.endMs - piece.startMs) / MIN_MS
    for (const [k, cut] of plan.cuts.entries()) {
      const next = plan.cuts[k + 1] ?? Infinity
      const from = Math.max(cut, piece.wallMin)
      const to = Math.min(next, wallEnd)
      if (from >= to) continue
      const span = {
        startMs: piece.startMs + (from - piece.wallMin) * MIN_MS,
        endMs: piece.startMs + (to - piece.wallMin) * MIN_MS,
        index: plan.index[k],
      }
      const last = spans.at(-1)
      if (!split && last && last.index === span.index && last.endMs === span.startMs) {
        spans[spans.length - 1] = { ...last, endMs: span.endMs }
      } else spans.push(span)
    }
  }
}

const spansOfYear = (
  days: readonly CalendarDay[],
  rules: readonly (When | null)[],
  everyMin: number,
): Span[] => {
  const plans = new Map<string, DayPlan>()
  const spans: Span[] = []
  for (const day of days) {
    const active = rules.flatMap((rule, i) => (!rule || rule.day(day) ? [i] : []))
    const key = active.join(',')
    let plan = plans.get(key)
    if (!plan) plans.set(key, (plan = planDay(rules, active, everyMin)))
    addDay(spans, day, plan, everyMin > 0)
  }
  return spans
}

/** Index of the first item that ends after `atMs`. */
export const firstEndingAfter = (items: readonly { endMs: number }[], atMs: number): number => {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (items[middle].endMs > atMs) high = middle
    else low = middle + 1
  }
  return low
}

const remember = <K, V>(cache: Map<K, V>, key: K, make: () => V): V => {
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= MAX_YEARS) cache.clear()
  const made = make()
  cache.set(key, made)
  return made
}

/** The calendar of a tariff: local days with clock changes, holidays, and conditions on them. */
export const createCalendar = (
  file: Pick<TariffFile, 'timeZone'>,
  holidayRules: readonly HolidayRule[],
): Calendar => {
  const { timeZone } = file
  const years = new Map<number, CalendarDay[]>()
  const spanCache = new WeakMap<readonly (When | null)[], Map<string, Span[]>>()

  const daysOfYear = (year: number): CalendarDay[] =>
    remember(years, year, () => {
      const holidays = new Map(
        holidaysOf(holidayRules, year).map(({ month, day, name }) => [month * 100 + day, name]),
      )
      return localDays(timeZone, year).map((day) => ({
        ...day,
        holiday: holidays.get(day.month * 100 + day.day) ?? null,
      }))
    })

  const eachYear = <T extends { startMs: number; endMs: number }>(
    fromMs: number,
    toMs: number,
    itemsOf: (year: number) => readonly T[],
  ): T[] => {
    const found: T[] = []
    if (!(fromMs < toMs)) return found
    for (let year = localYear(timeZone, fromMs); ; year++) {
      const items = itemsOf(year)
      for (let i = firstEndingAfter(items, fromMs); i < items.length; i++) {
        if (items[i].startMs >= toMs) return found
        found.push(items[i])
      }
    }
  }

  return {
    timeZone,
    days: (fromMs, toMs) => eachYear(fromMs, toMs, daysOfYear),
    spans(rules, fromMs, toMs, everyMin = 0) {
      let cache = spanCache.get(rules)
      if (!cache) spanCache.set(rules, (cache = new Map()))
      const kept = cache
      const whole = eachYear(fromMs, toMs, (year) =>
        remember(kept, `${year}/${everyMin}`, () => spansOfYear(daysOfYear(year), rules, everyMin)),
      )
      const clipped: Span[] = []
      for (const span of whole) {
        const startMs = Math.max(span.startMs, fromMs)
        const endMs = Math.min(span.endMs, toMs)
        const last = clipped.at(-1)
        if (everyMin === 0 && last && last.index === span.index) {
          clipped[clipped.length - 1] = { ...last, endMs }
        } else clipped.push({ startMs, endMs, index: span.index })
      }
      return clipped
    },
  }
}
