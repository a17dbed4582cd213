/** A holiday by rule; `holidayRuleProblem` says which forms `rule` may have. */
export interface HolidayRule {
  readonly name: string
  readonly rule: string
  /** Where it moves when it falls on a weekend; absent = it does not. */
  readonly observed?: 'nearest-workday' | 'sunday-to-monday' | 'next-workday'
}

export interface Holiday {
  readonly name: string
  readonly year: number
  readonly month: number
  readonly day: number
}

const DAY_MS = 86_400_000
/** That are remembered; a site asks for two or three. */
const MOST_YEARS = 40
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const WEEKDAY = `(${WEEKDAYS.join('|')})`

/** Days as UTC midnights: plain calendar arithmetic, no zone involved. */
const utc = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day)
const isoWeekday = (ms: number): number => new Date(ms).getUTCDay() || 7

/** Easter Sunday, Gregorian (the "anonymous" computus). */
export const easterSunday = (year: number): { month: number; day: number } => {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor(b / 4)
  const g = Math.floor((8 * b + 13) / 25)
  const h = (19 * a + b - d - g + 15) % 30
  const i = Math.floor(c / 4)
  const l = (32 + 2 * (b % 4) + 2 * i - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 19 * l) / 433)
  const month = Math.floor((h + l - 7 * m + 90) / 25)
  return { month, day: (h + l - 7 * m + 33 * month + 19) % 32 }
}

/** Gives the day of a year as a UTC midnight; `null` when the rule has none in that year. */
type DayOfYear = (year: number) => number | null

const onOrAfter = (ms: number, weekday: number): number =>
  ms + ((weekday - isoWeekday(ms) + 7) % 7) * DAY_MS

const real = (month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2024, month, 0)).getUTCDate()

const FORMS: readonly (readonly [RegExp, (m: string[]) => DayOfYear | null])[] = [
  [
    /^(\d{2})-(\d{2})$/,
    ([, month, day]) => (real(+month, +day) ? (year) => utc(year, +month, +day) : null),
  ],
  [
    /^(\d{4})-(\d{2})-(\d{2})$/,
    ([, only, month, day]) =>
      real(+month, +day) ? (year) => (year === +only ? utc(year, +month, +day) : null) : null,
  ],
  [
    new RegExp(String.raw`^([1-5])(?:st|nd|rd|th) ${WEEKDAY} of (\d{2})$`),
    ([, nth, weekday, month]) =>
      real(+month, 1)
        ? (year) => {
            const first = onOrAfter(utc(year, +month, 1), WEEKDAYS.indexOf(weekday) + 1)
            const ms = first + (+nth - 1) * 7 * DAY_MS
            return new Date(ms).getUTCMonth() + 1 === +month ? ms : null
          }
        : null,
  ],
  [
    new RegExp(String.raw`^last ${WEEKDAY} of (\d{2})$`),
    ([, weekday, month]) =>
      real(+month, 1)
        ? (year) => onOrAfter(utc(year, +month + 1, 1), WEEKDAYS.indexOf(weekday) + 1) - 7 * DAY_MS
        : null,
  ],
  [
    /^easter(?:([+-]\d{1,3}))?$/,
    ([, offset]) =>
      (year) => {
        const { month, day } = easterSunday(year)
        return utc(year, month, day) + Number(offset ?? 0) * DAY_MS
      },
  ],
  [
    new RegExp(String.raw`^${WEEKDAY} from (\d{2})-(\d{2})$`),
    ([, weekday, month, day]) =>
      real(+month, +day)
        ? (year) => onOrAfter(utc(year, +month, +day), WEEKDAYS.indexOf(weekday) + 1)
        : null,
  ],
  [
    new RegExp(String.raw`^${WEEKDAY} before (\d{2})-(\d{2})$`),
    ([, weekday, month, day]) =>
      real(+month, +day)
        ? (year) => onOrAfter(utc(year, +month, +day) - 7 * DAY_MS, WEEKDAYS.indexOf(weekday) + 1)
        : null,
  ],
]

const parseRule = (rule: string): DayOfYear | null => {
  for (const [pattern, build] of FORMS) {
    const match = pattern.exec(rule)
    if (match) return build([...match])
  }
  return null
}

/** What is wrong with a rule, `null` when nothing is. */
export const holidayRuleProblem = (rule: string): string | null =>
  parseRule(rule)
    ? null
    : `"${rule}" is no holiday rule; write 12-25, 2026-06-02, 1st monday of 09, last monday of ` +
      '05, easter-2, saturday from 06-20 or monday before 05-25'

/** Where the holiday is kept; `taken` are the days of the rules before it. */
const observedDay = (ms: number, rule: HolidayRule, taken: ReadonlySet<number>): number => {
  const weekday = isoWeekday(ms)
  switch (rule.observed) {
    case undefined:
      return ms
    case 'sunday-to-monday':
      return weekday === 7 ? ms + DAY_MS : ms
    case 'nearest-workday':
      return weekday === 7 ? ms + DAY_MS : weekday === 6 ? ms - DAY_MS : ms
    case 'next-workday': {
      let day = ms
      while (isoWeekday(day) > 5 || taken.has(day)) day += DAY_MS
      return day
    }
  }
}

/**
 * The holidays of a calendar year, ascending. A holiday that is kept on another day is a holiday on
 * that day; the day itself is then none (it is a weekend anyway). Rules of the years before and
 * after are asked too: New Year's Day may be kept in December.
 *
 * @throws RangeError for a rule that `holidayRuleProblem` refuses
 */
export const holidaysOf = (rules: readonly HolidayRule[], year: number): Holiday[] => {
  const found = new Map<number, Holiday>()
  for (const from of [year - 1, year, year + 1]) {
    const taken = new Set<number>()
    for (const rule of rules) {
      const dayOf = parseRule(rule.rule)
      if (!dayOf) throw new RangeError(holidayRuleProblem(rule.rule) ?? '')
      const ms = dayOf(from)
      if (ms === null) continue
      const kept = observedDay(ms, rule, taken)
      taken.add(kept)
      const day = new Date(kept)
      if (day.getUTCFullYear() !== year || found.has(kept)) continue
      found.set(kept, {
        name: rule.name,
        year,
        month: day.getUTCMonth() + 1,
        day: day.getUTCDate(),
      })
    }
  }
  return [...found.entries()].sort(([a], [b]) => a - b).map(([, holiday]) => holiday)
}

/**
 * Whether a day, counted from 1970-01-01, is one of the holidays; as a `SiteCalendar` asks it.
 *
 * @throws RangeError for a rule that `holidayRuleProblem` refuses
 */
export const holidayTest = (rules: readonly HolidayRule[]): ((localDay: number) => boolean) => {
  const years = new Map<number, ReadonlySet<number>>()
  return (localDay) => {
    const year = new Date(localDay * DAY_MS).getUTCFullYear()
    let days = years.get(year)
    if (days === undefined) {
      days = new Set(
        holidaysOf(rules, year).map(({ month, day }) => utc(year, month, day) / DAY_MS),
      )
      if (years.size >= MOST_YEARS) years.clear()
      years.set(year, days)
    }
    return days.has(localDay)
  }
}
