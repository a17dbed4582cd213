/**
 * Which sign separates the decimals; the other one may group thousands. `last`: whichever comes
 * last, several alike are groups; for sources that never group but write in their own locale.
 */
export type DecimalSign = '.' | ',' | 'last'

export type NumberText =
  | {
      readonly kind: 'number'
      readonly value: number
      /** As written; empty = none. */ readonly unit: string
    }
  /** A word for "no value": `n/e`, `-`, `null`, `NaN`, `unavailable`, an empty text. */
  | { readonly kind: 'none' }
  /** Readable in two ways that differ by a factor of a thousand: `1,234`, `1.234,5`. */
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'invalid' }

const NONE: NumberText = { kind: 'none' }
const AMBIGUOUS: NumberText = { kind: 'ambiguous' }
const INVALID: NumberText = { kind: 'invalid' }

/**
 * What exports and gateways write for a value that they do not have: ENTSO-E (`n/e`, `-`), Home
 * Assistant (`unavailable`, `unknown`), spreadsheets (`#N/A`), databases (`null`, `NaN`).
 */
const NO_VALUE = new Set(
  'nan null nil none n/a #n/a na n/e n.a. - -- --- – — ? unavailable unknown undefined'.split(' '),
)

const SHAPE = /^([+-]?)(\d[\d.,]*|[.,]\d+)((?:[eE][+-]?\d+)?)\s*([%A-Za-zµ°][^\s]*)?$/
/** Spaces and apostrophes between groups of three are never decimal signs. */
const GROUP_GAP = /(\d)[ \u00A0\u202F'’](?=\d{3}(?!\d))/g
const plain = (digits: string, group: string, decimal: string): string =>
  digits.replaceAll(group, '').replace(decimal, '.')

/** Digits in groups of three; a group never begins with 0. */
const isGrouped = (digits: string, group: '.' | ','): boolean =>
  (group === ',' ? /^[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/ : /^[1-9]\d{0,2}(\.\d{3})+(,\d*)?$/).test(
    digits,
  )

const byLast = (digits: string): string | null => {
  const signs = digits.match(/[.,]/g) ?? []
  if (signs.length > 1 && signs.every((sign) => sign === signs[0])) {
    return isGrouped(digits, signs[0] as '.' | ',') ? digits.replaceAll(signs[0]!, '') : null
  }
  const decimal: string | undefined = signs.at(-1)
  if (decimal === undefined) return digits
  const group = decimal === '.' ? ',' : '.'
  if (signs.length === 1 || isGrouped(digits, group)) return plain(digits, group, decimal)
  return null
}

const bySign = (digits: string, decimal: '.' | ','): string | null => {
  const group = decimal === '.' ? ',' : '.'
  if (isGrouped(digits, group)) return plain(digits, group, decimal)
  return digits.includes(group) || digits.split(decimal).length > 2
    ? null
    : digits.replace(decimal, '.')
}

/** `undefined`: it can be read in two ways. */
const byItself = (digits: string): string | null | undefined => {
  if (/^\d*\.?\d*$/.test(digits)) return digits
  if (isGrouped(digits, '.') || isGrouped(digits, ',')) return undefined
  return /^\d*,\d*$/.test(digits) ? digits.replace(',', '.') : null
}

/**
 * Reads a number as people, meters and exports write it, with an optional unit behind it.
 * Hexadecimal digits and infinities are no numbers.
 *
 * @param decimal absent: a point, or one comma that cannot be a thousands separator, is the decimal
 *   sign; what could be either is `ambiguous`
 */
export const readNumberText = (text: string, decimal?: DecimalSign): NumberText => {
  const trimmed = text.trim().replace(/^[\u2212]/, '-')
  if (trimmed === '' || NO_VALUE.has(trimmed.toLowerCase())) return NONE
  const match = SHAPE.exec(trimmed.replaceAll(GROUP_GAP, '$1'))
  if (!match) return INVALID
  const [, sign, digits, exponent, unit = ''] = match
  const read =
    decimal === undefined
      ? byItself(digits)
      : decimal === 'last'
        ? byLast(digits)
        : bySign(digits, decimal)
  if (read === undefined) return AMBIGUOUS
  const value = read === null ? Number.NaN : Number(`${sign}${read}${exponent}`)
  return Number.isFinite(value) ? { kind: 'number', value, unit } : INVALID
}
