/** What stands for a value that is not known: never a zero. */
export const UNKNOWN = '–'

const NBSP = '\u00a0'
/** In front of negative numbers; a hyphen is too short to be seen. */
const MINUS = '\u2212'

type Value = number | null | undefined

/** Numbers with units and times of the site, in the reader's locale. Unknown values are a dash. */
export interface Format {
  /** Watts as `12.3 kW`. */
  readonly power: (watts: Value) => string
  /** Amperes as `16 A`, with a decimal where it says something. */
  readonly current: (amperes: Value) => string
  /** `62 of 80 A`: two currents, the unit once. */
  readonly currentOf: (amperes: number, limit: number) => string
  /** `14.7 of 15.0 kW`. */
  readonly powerOf: (watts: number, limit: number) => string
  /** Amperes without their unit. */
  readonly bareCurrent: (amperes: number) => string
  /** Watt-hours as `7.4 kWh`. */
  readonly energy: (wattHours: Value) => string
  /** 0..1 as `80 %`. */
  readonly share: (fraction: Value) => string
  /** 0..1 as `0.08 %`, for what is small. */
  readonly percent: (fraction: Value) => string
  readonly money: (amount: Value) => string
  /** Money per kWh. */
  readonly price: (perKwh: Value) => string
  /** `14:05`. */
  readonly time: (atMs: Value) => string
  /** `14:05:09`. */
  readonly clock: (atMs: Value) => string
  /** `14:05` today, `Tue 14:05` on another day, each in the site's zone. */
  readonly moment: (atMs: Value, nowMs: number) => string
  /** `14:05 – 15:00`, with the day where it is another one. */
  readonly span: (startMs: number, endMs: number, nowMs: number) => string
  /** `Sunday 22 November`. */
  readonly day: (atMs: number) => string
  /** Name of the zone at that time: `CET`. */
  readonly zone: (atMs: number) => string
}

export const createFormat = (timeZone: string, currency: string, locale?: string): Format => {
  const fixed = (digits: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const one = fixed(1)
  const upToOne = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const upToTwo = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
  const whole = fixed(0)
  const moneyFormat = new Intl.NumberFormat(locale, { style: 'currency', currency })
  const priceFormat = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: 4,
  })
  const times = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options })
  const minutes = times({ hour: '2-digit', minute: '2-digit' })
  const seconds = times({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const weekday = times({ weekday: 'short', hour: '2-digit', minute: '2-digit' })
  const date = times({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const longDay = times({ weekday: 'long', day: 'numeric', month: 'long' })
  const dayKey = new Intl.DateTimeFormat('en-CA', { timeZone })
  const zoneName = times({ timeZoneName: 'short' })

  /** Rounds first, so that a small negative number is not `-0`. */
  const number = (format: Intl.NumberFormat, value: number, digits: number): string => {
    const scale = 10 ** digits
    const rounded = Math.round(value * scale) / scale
    return format.format(rounded === 0 ? 0 : rounded).replace('-', MINUS)
  }

  const known = (value: Value, text: (value: number) => string): string =>
    value === null || value === undefined || !Number.isFinite(value) ? UNKNOWN : text(value)

  const moment = (atMs: number, nowMs: number): string => {
    if (dayKey.format(atMs) === dayKey.format(nowMs)) return minutes.format(atMs)
    const isNear = Math.abs(atMs - nowMs) < 6 * 86_400_000
    return (isNear ? weekday : date).format(atMs)
  }

  return {
    power: (value) => known(value, (watts) => `${number(one, watts / 1_000, 1)}${NBSP}kW`),
    current: (value) => known(value, (amperes) => `${number(upToOne, amperes, 1)}${NBSP}A`),
    currentOf: (amperes, limit) =>
      `${number(upToOne, amperes, 1)} of ${number(upToOne, limit, 1)}${NBSP}A`,
    powerOf: (watts, limit) =>
      `${number(one, watts / 1_000, 1)} of ${number(one, limit / 1_000, 1)}${NBSP}kW`,
    bareCurrent: (amperes) => number(upToOne, amperes, 1),
    energy: (value) => known(value, (wh) => `${number(one, wh / 1_000, 1)}${NBSP}kWh`),
    share: (value) => known(value, (fraction) => `${number(whole, fraction * 100, 0)}${NBSP}%`),
    percent: (value) => known(value, (fraction) => `${number(upToTwo, fraction * 100, 2)}${NBSP}%`),
    money: (value) => known(value, (amount) => moneyFormat.format(amount).replace('-', MINUS)),
    price: (value) =>
      known(value, (price) => `${priceFormat.format(price).replace('-', MINUS)}/kWh`),
    time: (value) => known(value, (atMs) => minutes.format(atMs)),
    clock: (value) => known(value, (atMs) => seconds.format(atMs)),
    moment: (value, nowMs) => known(value, (atMs) => moment(atMs, nowMs)),
    span: (startMs, endMs, nowMs) => {
      const isOneDay = dayKey.format(startMs) === dayKey.format(endMs)
      const end = isOneDay ? minutes.format(endMs) : moment(endMs, nowMs)
      return `${moment(startMs, nowMs)}${NBSP}– ${end}`
    },
    day: (atMs) => longDay.format(atMs),
    zone: (atMs) =>
      zoneName.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? timeZone,
  }
}

/** A length of time for people: `12 s`, `5 min`, `3 h 20 min`, `2 d`. */
export const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return UNKNOWN
  const s = Math.max(0, Math.round(seconds))
  if (s < 90) return `${s}${NBSP}s`
  const minutes = Math.round(s / 60)
  if (minutes < 90) return `${minutes}${NBSP}min`
  if (minutes < 48 * 60) {
    const rest = minutes % 60
    const hours = `${Math.floor(minutes / 60)}${NBSP}h`
    return rest === 0 ? hours : `${hours} ${rest}${NBSP}min`
  }
  return `${Math.round(minutes / 1_440)}${NBSP}d`
}
