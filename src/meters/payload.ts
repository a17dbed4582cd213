import type { PerPhase } from '../domain/phases.ts'

/** A payload as a document: JSON where it is JSON, else its text (`ON`, `online`). */
export const parsePayload = (payload: Buffer): unknown => {
  const text = payload.toString('utf8').trim()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Decimal numbers as devices write them; not the other spellings that `Number` takes (hex, ''). */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/**
 * A number, or the text of one.
 *
 * @returns `null` when the device says that it has no value, `undefined` when this is no number
 */
export const toNumber = (value: unknown): number | null | undefined => {
  if (value === null) return null
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || !DECIMAL.test(value.trim())) return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** An array of three numbers; `null` when the device has no value for one of them. */
export const toTriple = (value: unknown): PerPhase | null | undefined => {
  if (value === null) return null
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const numbers = value.map(toNumber)
  if (numbers.includes(undefined)) return undefined
  if (numbers.includes(null)) return null
  return numbers as unknown as PerPhase
}
