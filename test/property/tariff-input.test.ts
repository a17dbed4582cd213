import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { readPriceCsv } from '../../src/signals/prices/csv.ts'
import { readPriceJson } from '../../src/signals/prices/json.ts'
import { parseTariff, SHIPPED_DIR } from '../../src/tariffs/load.ts'
import { readMeterCsv } from '../../src/tariffs/meter-csv.ts'

/** Whatever comes in: a result, or an AppError that says what is wrong. Never anything else. */
const onlyAppErrors = (run: () => unknown): void => {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
    expect((error as AppError).message.length).toBeGreaterThan(5)
  }
}

const FILES = ['us-pge-bev-2-s-2024', 'no-elvia-2025', 'gb-octopus-agile-2022', 'se-seom-2020']
const texts = FILES.map((name) => readFileSync(join(SHIPPED_DIR, `${name}.yaml`), 'utf8'))

test('a tariff file with any line spoilt loads or is refused with its place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.constantFrom(
        '',
        '  x: 1',
        ': :',
        '- 5',
        'price: abc',
        '    hours: 25:00-99:00',
        '&a *a',
        '\t',
      ),
      async (text, pick, spoil) => {
        const lines = text.split('\n')
        lines[pick % lines.length] = spoil
        const error: unknown = await parseTariff(lines.join('\n'), 'spoilt.yaml').then(
          () => null,
          (reason: unknown) => reason,
        )
        if (error === null) return
        expect(error).toBeInstanceOf(AppError)
        for (const line of (error as AppError).message.split('\n')) {
          expect(line).toMatch(/^spoilt\.yaml:\d+:\d+ .{5,}|^and \d+ more$/)
        }
      },
    ),
    { numRuns: 200 },
  )
})

const cell = fc.oneof(
  fc.constantFrom(
    '2026-03-29T01:00Z',
    '2026-03-29 02:30',
    '2026-10-25T02:30',
    '1',
    '-0.5',
    '',
    'x',
  ),
  fc.string({ maxLength: 8 }),
)
const csv = fc
  .tuple(
    fc.constantFrom('time,import_kwh,spot', 'start;price', 'time,price_per_mwh,end', 'a,b'),
    fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 6 }),
  )
  .map(([header, rows]) => [header, ...rows.map((row) => row.join(','))].join('\n'))

test('any CSV is read or refused', () => {
  fc.assert(
    fc.property(csv, (text) => {
      onlyAppErrors(() => readMeterCsv(text, 'Europe/Berlin', 'EUR'))
      onlyAppErrors(() => readPriceCsv(text, 'Europe/Berlin', 'currency/kWh'))
    }),
    { numRuns: 300 },
  )
})

test('any price message is read or refused', () => {
  const interval = fc.record(
    {
      start: fc.oneof(fc.constantFrom('2026-01-01T00:00:00Z', 'soon'), fc.string()),
      end: fc.constantFrom('2026-01-01T01:00:00Z', '2025-01-01T01:00:00Z'),
      duration: fc.constantFrom('PT1H', 'PT0S', 'P1M', ''),
      value: fc.oneof(fc.double({ noNaN: true }), fc.constant(null), fc.string()),
    },
    { requiredKeys: [] },
  )
  const message = fc.oneof(
    fc.record({ intervals: fc.array(interval, { maxLength: 4 }) }),
    fc.record({ data: fc.record({ intervals: fc.array(interval) }, { requiredKeys: [] }) }),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(message, (value) => {
      onlyAppErrors(() => readPriceJson(JSON.stringify(value) ?? '', 'currency/kWh'))
    }),
    { numRuns: 500 },
  )
})

test('segments that are read ascend and do not overlap', () => {
  const hours = fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(hours, (picked) => {
      const start = Date.UTC(2026, 2, 20)
      const intervals = picked.map((hour, i) => ({
        start: new Date(start + hour * 3_600_000).toISOString(),
        value: i % 5 === 4 ? null : i,
      }))
      const { segments } = readPriceJson(JSON.stringify({ intervals }), 'currency/kWh')
      expect(segments).toHaveLength(picked.filter((_, i) => i % 5 !== 4).length)
      for (const [i, segment] of segments.entries()) {
        expect(segment.endMs).toBeGreaterThan(segment.startMs)
        if (i > 0) expect(segment.startMs).toBeGreaterThanOrEqual(segments[i - 1].endMs)
      }
    }),
  )
})
