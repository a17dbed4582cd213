import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HOLIDAY_LISTS } from '../../../src/engine/holiday-lists.ts'
import { loadTariff, parseTariff, shippedTariffs } from '../../../src/tariffs/load.ts'
import { exampleTariff } from './example.ts'

/** The reference must not drift from the code: its examples load, its lists are complete. */
const text = readFileSync(join(import.meta.dirname, '../../../docs/reference/tariffs.md'), 'utf8')
const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block)

describe('examples', () => {
  test('there are some', () => expect(examples.length).toBeGreaterThan(3))

  test.each(examples.map((example, i) => [i + 1, example] as const))(
    'number %i loads',
    async (_, example) => {
      const tariff = example.startsWith('id:')
        ? await parseTariff(example, 'tariffs.md')
        : await exampleTariff(example)
      expect(tariff.file.name.length).toBeGreaterThan(0)
    },
  )
})

test('every shipped tariff is listed, as verified or not', async () => {
  for (const id of await shippedTariffs()) {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${id}\` `))
    const { verified } = (await loadTariff(id)).file
    expect(row, id).toMatch(verified ? /\| yes +\|$/ : /\| no +\|$/)
  }
})

test('every holiday list is named', () => {
  for (const list of Object.keys(HOLIDAY_LISTS)) expect(text).toContain(`\`${list}\``)
})
