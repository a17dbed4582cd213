import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DateTime } from 'luxon'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { costReport } from '../../../src/tariffs/report.ts'

/**
 * Invoices computed by hand: the arithmetic stands in the comments of each fixture. They go the whole
 * way that `busbar cost` goes: CSV text in, invoice out. `UPDATE_GOLDEN=1` writes the recordings anew.
 */
interface Fixture {
  readonly tariff: string
  readonly timeZone: string
  readonly from: string
  readonly to: string
  readonly stepS: number
  readonly importKw: number
  readonly exportKw?: number
  readonly except: readonly { from: string; to: string; importKw: number; exportKw?: number }[]
  readonly spot?: readonly { from: string; value: number }[]
  readonly importKwh: number
  readonly lines: readonly { charge: string; label: string; quantity: number; amount: number }[]
  readonly setBy: readonly string[]
  readonly net: number
  readonly tax: number
  readonly total: number
}

const read = (name: string): Fixture =>
  parse(readFileSync(join(import.meta.dirname, `${name}.yaml`), 'utf8')) as Fixture

const msIn = (timeZone: string) => (text: string) =>
  DateTime.fromISO(text, { zone: timeZone }).toMillis()

const csvOf = (fixture: Fixture, time: (ms: number) => string): string => {
  const ms = msIn(fixture.timeZone)
  const rows = [['time', 'import_kw', 'export_kw', ...(fixture.spot ? ['spot'] : [])].join(',')]
  for (let at = ms(fixture.from); at < ms(fixture.to); at += fixture.stepS * 1000) {
    const special = fixture.except.find(({ from, to }) => ms(from) <= at && at < ms(to))
    const { importKw, exportKw } = special ?? fixture
    const spot = fixture.spot?.findLast(({ from }) => ms(from) <= at)?.value
    rows.push([time(at), importKw, exportKw ?? 0, ...(spot === undefined ? [] : [spot])].join(','))
  }
  return `${rows.join('\n')}\n`
}

describe.each(['us-sce-tou-ev-4-2019', 'no-elvia-2025', 'gb-octopus-agile-2022'])('%s', (name) => {
  const fixture = read(name)
  const { timeZone } = fixture
  const local = (ms: number): string =>
    DateTime.fromMillis(ms, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm")

  const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`

  test('the CSV beside the fixture is the recording that it describes', () => {
    const path = join(import.meta.dirname, `${name}.csv`)
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, csvOf(fixture, utc))
    expect(readFileSync(path, 'utf8')).toBe(csvOf(fixture, utc))
  })

  test.each([
    ['times in UTC', utc],
    ['times by the local clock', local],
  ])('reproduces the invoice to the cent, %s', async (_, time) => {
    const { invoice, text } = await costReport(fixture.tariff, csvOf(fixture, time))
    const lines = invoice.lines.map(({ charge, label, quantity, amount }) => ({
      charge,
      label,
      quantity: Number(quantity.toFixed(9)),
      amount,
    }))
    expect(lines).toEqual(fixture.lines)
    expect(invoice.importKwh).toBeCloseTo(fixture.importKwh, 9)
    expect(invoice.lines.flatMap(({ windows }) => windows.map((w) => local(w.startMs)))).toEqual(
      fixture.setBy,
    )
    expect([invoice.net, invoice.tax, invoice.total]).toEqual([
      fixture.net,
      fixture.tax,
      fixture.total,
    ])
    expect(text).toContain(fixture.total.toFixed(2))
  })
})
