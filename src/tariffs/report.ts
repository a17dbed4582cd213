import { DateTime } from 'luxon'
import { costOf, type CostOptions } from './cost.ts'
import type { Invoice, InvoiceLine } from './invoice.ts'
import { loadTariff } from './load.ts'
import type { CsvFormat } from '../net/csv.ts'
import { readMeterCsv } from './meter-csv.ts'
import { currencyDigits } from './money.ts'
import type { Tariff } from './tariff.ts'

export interface CostReport {
  readonly invoice: Invoice
  /** A table for a terminal. */
  readonly text: string
  /** The invoice with ISO times, for `--json`. */
  readonly json: unknown
}

const MAX_WINDOWS_SHOWN = 3

const tidy = (value: number, digits: number): string => String(Number(value.toFixed(digits)))

const UNIT_NAMES: Readonly<Record<InvoiceLine['unit'], string>> = {
  kWh: 'kWh',
  kW: 'kW',
  block: 'blocks',
  day: 'days',
  month: 'months',
  base: '',
}

const cells = (line: InvoiceLine, money: (amount: number) => string): string[] => {
  const price = line.unit === 'base' ? `${tidy(line.price * 100, 4)} %` : tidy(line.price, 5)
  const quantity =
    line.unit === 'base'
      ? money(line.quantity)
      : `${line.quantity.toFixed(3)} ${UNIT_NAMES[line.unit]}`
  const name = line.label ? `${line.charge}, ${line.label}` : line.charge
  return [line.period, name, quantity, price, money(line.amount)]
}

const remarks = (line: InvoiceLine, timeZone: string): string[] => {
  const time = (ms: number): string =>
    DateTime.fromMillis(ms, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm')
  const windows = line.windows
    .slice(0, MAX_WINDOWS_SHOWN)
    .map(({ startMs, kw }) => `${time(startMs)} ${tidy(kw, 3)} kW`)
  return [
    ...(windows.length > 0 ? [`set by ${windows.join(', ')}`] : []),
    ...(line.because === null ? [] : [line.because]),
  ]
}

/** Left-aligned names, right-aligned numbers. */
const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)))
  return rows.map((row) =>
    row
      .map((cell, k) => (k < 2 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
      .join('  ')
      .trimEnd(),
  )
}

/** The invoice as a table for a terminal, with what set each peak and what is doubtful. */
export const renderInvoice = (invoice: Invoice, tariff: Tariff): string => {
  const { file } = tariff
  const digits = currencyDigits(invoice.currency)
  const money = (amount: number): string => amount.toFixed(digits)
  const head = ['Period', 'Charge', 'Quantity', 'Price', invoice.currency]
  const sums: [string, number][] = [['Net', invoice.net]]
  if (invoice.lines.some(({ kind }) => kind === 'tax')) sums.push(['Taxes', invoice.tax])
  sums.push(['Total', invoice.total])
  const rows = [
    head,
    ...invoice.lines.map((line) => cells(line, money)),
    ...sums.map(([name, amount]) => ['', name, '', '', money(amount)]),
  ]
  const [first, ...rest] = table(rows)
  const width = Math.max(first.length, ...rest.map((row) => row.length))
  const body = invoice.lines.flatMap((line, i) => [
    rest[i],
    ...remarks(line, invoice.timeZone).map((remark) => `         ${remark}`),
  ])
  const day = (ms: number): string =>
    DateTime.fromMillis(ms, { zone: invoice.timeZone }).toFormat('yyyy-MM-dd HH:mm')
  return [
    `${invoice.tariffName}: ${day(invoice.startMs)} to ${day(invoice.endMs)} (${invoice.timeZone})`,
    `import ${tidy(invoice.importKwh, 3)} kWh, export ${tidy(invoice.exportKwh, 3)} kWh` +
      (invoice.carbonKg === null ? '' : `, ${tidy(invoice.carbonKg, 1)} kg CO2`),
    '',
    first,
    '-'.repeat(width),
    ...body,
    '-'.repeat(width),
    ...rest.slice(invoice.lines.length),
    '',
    ...invoice.problems.map(({ message }) => `attention: ${message}`),
    ...(invoice.unverified.length > 0
      ? [`not verified in a source: ${invoice.unverified.join(', ')}`]
      : []),
    `source: ${file.source.name}, read ${file.source.read}` +
      (file.covers.length < 3 ? `; covers ${file.covers.join(' and ')} only` : ''),
    '',
  ].join('\n')
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** The invoice with times a person and a program can read. */
export const invoiceJson = (invoice: Invoice): unknown => {
  const { startMs, endMs, lines, ...rest } = invoice
  return {
    ...rest,
    start: iso(startMs),
    end: iso(endMs),
    lines: lines.map((line) => ({
      ...line,
      windows: line.windows.map(({ startMs, endMs, kw }) => ({
        start: iso(startMs),
        end: iso(endMs),
        kw,
      })),
    })),
  }
}

/**
 * What `busbar cost` prints: metered energy of a CSV priced by a tariff.
 *
 * @param tariffFile a path, or the id of a tariff that comes with the package
 * @param csvText see `readMeterCsv`
 * @throws AppError `config-invalid` for the tariff, `payload-invalid` for the CSV
 */
export const costReport = async (
  tariffFile: string,
  csvText: string,
  options: CostOptions = {},
  format: CsvFormat = {},
): Promise<CostReport> => {
  const tariff = await loadTariff(tariffFile)
  const { timeZone, currency } = tariff.file
  const { metered, spot } = readMeterCsv(csvText, timeZone, currency, format)
  const invoice = costOf(tariff, metered, { ...(spot ? { spot } : {}), ...options })
  return { invoice, text: renderInvoice(invoice, tariff), json: invoiceJson(invoice) }
}
