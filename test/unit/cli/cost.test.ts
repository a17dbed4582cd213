import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'
import { run } from './terminal.ts'

const folder = temporaryFolder()
const GOLDEN = resolve(import.meta.dirname, '../../golden/tariffs')
const CSV = join(GOLDEN, 'us-sce-tou-ev-4-2019.csv')

test('a tariff of the package prices a meter, as a table and as JSON', async () => {
  const { code, out, err } = await run(['cost', 'us-sce-tou-ev-4-2019', CSV])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^Period +Charge +Quantity +Price +USD$/m)
  const json = await run(['cost', 'us-sce-tou-ev-4-2019', CSV, '--json', '--billing-day', '10'])
  const invoice = JSON.parse(json.out) as { lines: { period: string }[]; total: number }
  expect(invoice.total).toBeGreaterThan(0)
  expect(invoice.lines.length).toBeGreaterThan(0)
})

test('contracted power comes from the command line', async () => {
  const total = async (kw: number): Promise<number> => {
    const argv = ['cost', 'es-somenergia-20td-2025', CSV_ES, '--json']
    const contracted = ['punta', 'valle'].flatMap((id) => ['--contracted', `Potencia ${id}=${kw}`])
    const { out, err } = await run([...argv, ...contracted])
    expect(err).toBe('')
    return (JSON.parse(out) as { total: number }).total
  }
  expect(await total(10)).toBeGreaterThan(await total(5))
})

const CSV_ES = join(folder, 'es.csv')
writeFileSync(
  CSV_ES,
  'start,import_kwh\n2025-06-02T00:00:00+02:00,1\n2025-06-02T01:00:00+02:00,2\n',
)

test('a subscription that the tariff does not have is refused', async () => {
  const argv = ['cost', 'es-somenergia-20td-2025', CSV_ES, '--contracted', 'Potencia=5']
  expect(await run(argv)).toEqual({
    code: 2,
    out: '',
    err: 'busbar: es-somenergia-20td-2025 has no subscription "Potencia"; it has Potencia punta, Potencia valle',
  })
})

test.each([
  [['us-nowhere', CSV], /us-nowhere\.yaml cannot be read; known are .*us-sce-tou-ev-4-2019/],
  [['us-sce-tou-ev-4-2019', 'nowhere.csv'], /^busbar: nowhere\.csv cannot be read: ENOENT/],
])('%j cannot be read', async (argv, message) => {
  expect(await run(['cost', ...argv])).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(message),
  })
})
