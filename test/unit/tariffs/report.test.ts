import { expect, test } from 'vitest'
import { costReport } from '../../../src/tariffs/report.ts'

const CSV = [
  'time,import_kw',
  ...Array.from({ length: 28 * 24 }, (_, i) => {
    const time = new Date(Date.UTC(2026, 0, 31, 23) + i * 3_600_000).toISOString()
    return `${time},${i === 300 ? '' : i === 301 ? 9 : 2}`
  }),
].join('\n')

test('the table shows lines, what set the peak, sums and doubts', async () => {
  const { text } = await costReport('no-elvia-2025', CSV)
  expect(text.split('\n')).toEqual([
    'Elvia, network tariff for households and small business with capacity steps, April 2025: ' +
      '2026-02-01 00:00 to 2026-03-01 00:00 (Europe/Oslo)',
    'import 1349 kWh, export 0 kWh',
    '',
    'Period   Charge                         Quantity     Price     NOK',
    '------------------------------------------------------------------',
    '2026-02  Energiledd, dag             645.000 kWh    0.2099  135.39',
    '2026-02  Energiledd, natt og helg    704.000 kWh    0.1299   91.45',
    '2026-02  Enova-avgift               1349.000 kWh      0.01   13.49',
    '2026-02  Forbruksavgift             1349.000 kWh    0.1693  228.39',
    '2026-02  Kapasitetsledd, 2 to 5 kW      4.333 kW  35.07692  152.00',
    '         set by 2026-02-13 13:00 9 kW, 2026-02-01 00:00 2 kW, 2026-02-02 00:00 2 kW',
    '2026-02  Merverdiavgift                   620.72      25 %  155.18',
    '------------------------------------------------------------------',
    '         Net                                                620.72',
    '         Taxes                                              155.18',
    '         Total                                              775.90',
    '',
    'attention: 1 h are not recorded and not billed: 2026-02-13 12:00 to 2026-02-13 13:00',
    'attention: averaging windows that are not wholly recorded: 1; the peak may be higher',
    'not verified in a source: Forbruksavgift',
    'source: Fri nettleie, tariffer/elvia.yml (Kraftsystemet, CC-BY-4.0), updated 2026-06-05, ' +
      'read 2026-11-22; covers delivery and taxes only',
    '',
  ])
})

test('the JSON has ISO times and survives a round trip', async () => {
  const { json, invoice } = await costReport('no-elvia-2025', CSV)
  const back = JSON.parse(JSON.stringify(json)) as Record<string, unknown>
  expect(back).toMatchObject({
    tariffId: 'no-elvia-2025',
    currency: 'NOK',
    start: '2026-01-31T23:00:00.000Z',
    end: '2026-02-28T23:00:00.000Z',
    total: invoice.total,
  })
  expect((back.lines as { windows: unknown[] }[])[4].windows[0]).toEqual({
    start: '2026-02-13T12:00:00.000Z',
    end: '2026-02-13T13:00:00.000Z',
    kw: 9,
  })
})
