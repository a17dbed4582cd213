/** Numbers and times as people read them on a terminal. */

const rounded = (value: number, digits: number): string => {
  const text = value.toFixed(digits)
  return Number(text) === 0 ? (0).toFixed(digits) : text
}

export const amps = (valueA: number): string => `${Number(rounded(valueA, 1))} A`

export const kilowatts = (powerW: number): string => `${rounded(powerW / 1_000, 1)} kW`

export const kilowattHours = (energyWh: number): string => `${rounded(energyWh / 1_000, 1)} kWh`

/** Whole amperes of three phases: `12/0/31`. */
export const threeAmps = (values: readonly number[]): string =>
  values.map((value) => rounded(value, 0)).join('/')

/** `null` and `undefined` are a dash: not known, or nothing there. */
export const orDash = <T>(value: T | null | undefined, show: (value: T) => string): string =>
  value === null || value === undefined ? '-' : show(value)

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const

/** The two largest units of a length of time: `1 h 5 min`, `5 min`, `40 s`. */
export const duration = (ms: number): string => {
  let rest = Math.round(Math.abs(ms) / 1_000)
  const parts: string[] = []
  for (const { name, seconds } of UNITS) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0) parts.push(`${count} ${name}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}

/** Times of one place. */
export interface Times {
  /** IANA. */
  readonly timeZone: string
  /** `14:05`, with the day where it is not that of `nowMs`. */
  readonly minute: (at: string | number) => string
  /** `14:05:09`. */
  readonly second: (at: string | number) => string
  /** `2026-11-22 14:05`. */
  readonly full: (at: string | number) => string
}

/** @param timeZone IANA; without it that of this machine */
export const createTimes = (nowMs: number, timeZone?: string): Times => {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...(timeZone === undefined ? {} : { timeZone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const parts = (at: string | number): Record<string, string> =>
    Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]))
  const dayOf = ({ year, month, day }: Record<string, string>): string => `${year}-${month}-${day}`
  const minuteOf = ({ hour, minute }: Record<string, string>): string => `${hour}:${minute}`
  const today = dayOf(parts(nowMs))

  return {
    timeZone: format.resolvedOptions().timeZone,
    minute: (at) => {
      const there = parts(at)
      const day = dayOf(there)
      return day === today ? minuteOf(there) : `${day.slice(5)} ${minuteOf(there)}`
    },
    second: (at) => {
      const there = parts(at)
      return `${minuteOf(there)}:${there['second']}`
    },
    full: (at) => {
      const there = parts(at)
      return `${dayOf(there)} ${minuteOf(there)}`
    },
  }
}

/** Said beside times that are not those of the site, which is not known. */
export const zoneText = ({ timeZone }: Times): string => `times in ${timeZone}`
