import { readNumberText } from '../domain/number-text.ts'
import type { PerPhase } from '../domain/phases.ts'
import { PHASES } from '../domain/phases.ts'
import { isPhaseQuantity, UNITS, unitNamed, type Quantity } from './quantity.ts'
import type { Slot } from './slots.ts'

/** A payload as a document: JSON where it is JSON, else its text (`ON`, `online`, `812,5 W`). */
export const parsePayload = (payload: Buffer): unknown => {
  const text = payload.toString('utf8').trim()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export type Decimal = '.' | ','

const quote = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80)

/**
 * What registers of 16 and 32 bits hold when the device has no value (SunSpec: 0x8000, 0xFFFF,
 * 0x80000000, 0xFFFFFFFF), also read with the wrong sign or at the end of their range.
 */
const NO_VALUE_WORDS = new Set([
  -32_768, 32_767, 32_768, 65_535, -2_147_483_648, 2_147_483_647, 2_147_483_648, 4_294_967_295,
])
/** Gateways scale registers by powers of ten before they publish them. */
const SCALES = [1, 10, 100, 1_000]
/** A counter passes through every number, and may rest there. */
const COUNTERS: readonly Quantity[] = ['energyImportWh', 'energyExportWh']

const isNoValueWord = (value: number): boolean =>
  SCALES.some((scale) => {
    const word = Math.round(value * scale)
    return NO_VALUE_WORDS.has(word) && Math.abs(value * scale - word) < 1e-6
  })

/**
 * One number of a slot, in the configured unit.
 *
 * @returns `null`: not measured this time; a text: why this cannot be used
 */
const numberFor = (
  { quantity, unit }: Slot,
  raw: unknown,
  decimal: Decimal | undefined,
): number | null | string => {
  const checked = (value: number): number | string =>
    !COUNTERS.includes(quantity) && isNoValueWord(value)
      ? `${value} is what a device sends when it has no value`
      : value
  if (raw === null) return null
  if (typeof raw === 'number') return Number.isFinite(raw) ? checked(raw) : `${raw} is not a number`
  if (typeof raw !== 'string') return `${quote(raw)} is not a number`
  const read = readNumberText(raw, decimal)
  switch (read.kind) {
    case 'none':
      return null
    case 'ambiguous':
      return `${quote(raw)} can be read in two ways; set decimal to "," or "." for this meter`
    case 'invalid':
      return `${quote(raw)} is not a number`
    case 'number': {
      if (read.unit === '') return checked(read.value)
      const given = unitNamed(read.unit)
      if (given === null) return `${quote(raw)} is not a number with a known unit`
      if (UNITS[given].dimension !== UNITS[unit].dimension) {
        return `the message says ${given}, ${unit} is configured`
      }
      return checked((read.value * UNITS[given].factor) / UNITS[unit].factor)
    }
  }
}

/**
 * What a source gives for a slot, in the configured unit: a number, or an array of three for a
 * phase quantity that comes at once.
 *
 * @returns `null`: not measured this time; a text: why this cannot be used
 */
export const valueFor = (
  slot: Slot,
  raw: unknown,
  decimal?: Decimal,
): number | PerPhase | null | string => {
  if (slot.phase !== null || !isPhaseQuantity(slot.quantity)) return numberFor(slot, raw, decimal)
  if (raw === null) return null
  if (!Array.isArray(raw) || raw.length !== 3) {
    return `${quote(raw)} is not an array of three numbers`
  }
  const triple: [number, number, number] = [0, 0, 0]
  let absent = false
  for (const phase of [0, 1, 2] as const) {
    const value = numberFor(slot, raw[phase], decimal)
    if (typeof value === 'string') return `${PHASES[phase]}: ${value}`
    if (value === null) absent = true
    else triple[phase] = value
  }
  return absent ? null : triple
}
