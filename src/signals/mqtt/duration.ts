const DURATION =
  /^P(?:(?<weeks>\d+)W|(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?)$/

const MS = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
}

/**
 * Milliseconds of an ISO 8601 duration without years and months, which have no fixed length (and
 * which the schema does not allow); a day is 24 hours. `null` = not such a duration.
 */
export const parseDuration = (text: string): number | null => {
  const groups = DURATION.exec(text)?.groups
  if (!groups) return null
  let ms = 0
  for (const [unit, factor] of Object.entries(MS)) ms += Number(groups[unit] ?? 0) * factor
  return Math.round(ms)
}
