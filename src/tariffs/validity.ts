import { DateTime } from 'luxon'
import type { Tariff } from './tariff.ts'

/** Why the tariff does not hold at an instant, by the days of its own time zone; `null` = it does. */
export const lapsed = ({ file }: Tariff, atMs: number): string | null => {
  const { validFrom, validTo, timeZone } = file
  const day = DateTime.fromMillis(atMs, { zone: timeZone }).toFormat('yyyy-MM-dd')
  if (day < validFrom) return `the tariff is valid from ${validFrom} on`
  return validTo !== undefined && day > validTo ? `the tariff was valid until ${validTo}` : null
}
