import { DateTime } from 'luxon'
import type { InvoiceProblem } from './invoice.ts'
import type { Gap, Meter } from './meter.ts'
import type { Share } from './power-lines.ts'
import type { Tariff } from './tariff.ts'

/** What pricing stumbled over on its way. */
export interface Findings {
  unpricedKwh: number
  incompleteWindows: number
  /** Shortest averaging window that was measured. */
  windowMin: number
  readonly withoutCoincident: Set<string>
}

const MAX_GAPS_NAMED = 5

const gapText = (gaps: readonly Gap[], timeZone: string): string => {
  const time = (ms: number): string =>
    DateTime.fromMillis(ms, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm')
  const named = gaps
    .slice(0, MAX_GAPS_NAMED)
    .map(({ startMs, endMs }) => `${time(startMs)} to ${time(endMs)}`)
  const more = gaps.length - named.length
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Everything that keeps an invoice from being the real one, in words. */
export const findProblems = (
  { file }: Tariff,
  meter: Meter,
  shares: readonly Share[],
  findings: Findings,
): InvoiceProblem[] => {
  const problems: InvoiceProblem[] = []
  const add = (code: InvoiceProblem['code'], message: string): void => {
    problems.push({ code, message })
  }
  if (meter.gaps.length > 0) {
    const hours = meter.gaps.reduce((sum, gap) => sum + (gap.endMs - gap.startMs) / 3_600_000, 0)
    const where = gapText(meter.gaps, file.timeZone)
    add('missing-energy', `${Number(hours.toFixed(2))} h are not recorded and not billed: ${where}`)
  }
  const parts = shares.filter(({ days, period }) => days < period.days)
  if (parts.length > 0) {
    const names = parts.map(
      ({ days, period }) => `${period.label} (${Number(days.toFixed(2))} of ${period.days} days)`,
    )
    add('partial-period', `metered in part: ${names.join(', ')}`)
  }
  if (findings.unpricedKwh > 0) {
    add(
      'no-market-price',
      `${Number(findings.unpricedKwh.toFixed(3))} kWh have no market price (${
        file.spot?.market ?? 'spot'
      }) and are not billed; give the prices of the whole time`,
    )
  }
  if (meter.stepS > findings.windowMin * 60) {
    add(
      'coarse-steps',
      `steps of ${meter.stepS} s cannot show peaks of ${findings.windowMin} min: ` +
        'real peaks are higher',
    )
  }
  if (findings.incompleteWindows > 0) {
    add(
      'incomplete-windows',
      'averaging windows that are not wholly recorded: ' +
        `${findings.incompleteWindows}; the peak may be higher`,
    )
  }
  for (const name of findings.withoutCoincident) {
    add('no-coincident-peaks', `"${name}" needs the times of the operator's peaks; none are given`)
  }
  const day = (ms: number): string =>
    DateTime.fromMillis(ms, { zone: file.timeZone }).toFormat('yyyy-MM-dd')
  if (
    day(meter.startMs) < file.validFrom ||
    (file.validTo !== undefined && day(meter.endMs - 1) > file.validTo)
  ) {
    add(
      'outside-validity',
      `the tariff is valid from ${file.validFrom}` +
        (file.validTo === undefined ? '' : ` to ${file.validTo}`),
    )
  }
  return problems
}
