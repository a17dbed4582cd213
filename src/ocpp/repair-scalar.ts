import { isDateTime, readDateTime } from './date-time.ts'
import { ALIASES, JSON_TEXTS, KEPT_WHOLE, OTHERWISE, plain, type Slip } from './leniency.ts'
import type { JsonSchema } from './schemas.ts'
import { iso } from './timestamp.ts'

/** One walk through one payload. */
export interface Walk {
  readonly root: JsonSchema
  readonly fact: boolean
  readonly nowMs: number
  readonly slips: Slip[]
}

/** What cannot be understood; the nearest part that may be left out goes with it. */
export const UNUSABLE = Symbol('unusable')

/** Also enumerations and times. */
export const repairText = (
  value: unknown,
  schema: JsonSchema,
  key: string,
  walk: Walk,
): unknown => {
  if (schema.format === 'date-time') return repairTime(value, walk)
  const text = asText(value, key, walk)
  if (text === UNUSABLE) return UNUSABLE
  if (schema.enum) return repairEnum(text, schema.enum, key, walk)
  if (schema.maxLength === undefined || text.length <= schema.maxLength) return text
  if (KEPT_WHOLE.has(key)) {
    walk.slips.push('long')
    return text
  }
  const characters = Array.from(text)
  if (characters.length <= schema.maxLength) return text
  walk.slips.push('clipped')
  return characters.slice(0, schema.maxLength).join('')
}

const asText = (value: unknown, key: string, walk: Walk): string | typeof UNUSABLE => {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') {
    walk.slips.push('number-for-text')
    return String(value)
  }
  if (!JSON_TEXTS.has(key)) return UNUSABLE
  walk.slips.push('object-for-text')
  return JSON.stringify(value)
}

const repairTime = (value: unknown, walk: Walk): unknown => {
  if (typeof value === 'string' && isDateTime(value)) return value
  const atMs = readDateTime(value)
  if (atMs === undefined) return UNUSABLE
  if (atMs === null) {
    walk.slips.push('time-unset')
    return iso(walk.nowMs)
  }
  walk.slips.push('time-form')
  return iso(atMs)
}

const repairEnum = (
  text: string,
  allowed: readonly string[],
  key: string,
  walk: Walk,
): string | typeof UNUSABLE => {
  if (allowed.includes(text)) return text
  const wanted = plain(text)
  const spelled =
    allowed.find((word) => plain(word) === wanted) ?? firstAllowed(ALIASES, wanted, allowed)
  if (spelled !== undefined) {
    walk.slips.push('enum-spelling')
    return spelled
  }
  const general = walk.fact ? firstAllowed(OTHERWISE, key, allowed) : undefined
  if (general === undefined) return UNUSABLE
  walk.slips.push('enum-unknown')
  return general
}

const firstAllowed = (
  table: Readonly<Record<string, readonly string[]>>,
  key: string,
  allowed: readonly string[],
): string | undefined =>
  Object.hasOwn(table, key) ? table[key].find((word) => allowed.includes(word)) : undefined

const NUMERAL = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?$/

export const repairNumber = (value: unknown, schema: JsonSchema, walk: Walk): unknown => {
  const number = asNumber(value, walk)
  if (number === undefined) return UNUSABLE
  if (schema.type === 'integer') {
    const whole = Math.round(number)
    if (!Number.isSafeInteger(whole)) return UNUSABLE
    if (whole !== number) walk.slips.push('rounded')
    return whole
  }
  if (schema.multipleOf !== undefined && !isMultiple(number, schema.multipleOf)) {
    walk.slips.push('decimals')
  }
  return number
}

const asNumber = (value: unknown, walk: Walk): number | undefined => {
  // JSON has numbers that are none here: 1e400 is read as infinite.
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || !NUMERAL.test(value.trim())) return undefined
  const number = Number(value.trim().replace(',', '.'))
  if (!Number.isFinite(number)) return undefined
  walk.slips.push('text-for-number')
  return number
}

/** The tolerance that the validation uses as well: 3000.100098 is a multiple of 0.1. */
const isMultiple = (value: number, step: number): boolean =>
  Math.abs(value / step - Math.round(value / step)) < 1e-3

export const repairBoolean = (value: unknown, walk: Walk): unknown => {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' || typeof value === 'number' ? plain(String(value)) : ''
  const truth =
    word === 'true' || word === '1' ? true : word === 'false' || word === '0' ? false : undefined
  if (truth === undefined) return UNUSABLE
  walk.slips.push('boolean-spelling')
  return truth
}
