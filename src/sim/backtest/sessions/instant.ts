import { DateTime } from 'luxon'
import { badLine } from '../../../engine/forecast/csv.ts'

const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i

/**
 * Milliseconds UTC of an ISO 8601 time; one without an offset is by the clock of `timeZone`.
 *
 * @throws AppError `payload-invalid` with the line
 */
export const instantOf = (text: string, timeZone: string, line: number): number => {
  const match = ISO.exec(text)
  const time = match ? DateTime.fromISO(text.replace(' ', 'T'), { zone: timeZone }) : null
  if (time?.isValid) return time.toMillis()
  return badLine(line, `"${text}" is no time; write it like 2019-05-01T08:00:00-07:00`)
}
