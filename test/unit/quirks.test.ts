import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createCounters } from '../../src/ocpp/counters.ts'
import { SLIPS } from '../../src/ocpp/leniency.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const text = readFileSync(join(ROOT, 'docs/quirks.md'), 'utf8')

/** Cells of the rows that begin with a number. */
const rows = text
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => /^\d+$/.test(cells[1] ?? ''))

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

test('the numbers ascend within each part, each once', () => {
  const numbers = rows.map((cells) => Number(cells[1]))
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(numbers.length).toBeGreaterThan(30)
})

test.each(rows.map((cells) => [cells[1], cells[4]]))(
  '%s names code that is there: %s',
  (_, code) => {
    const files = [...code.matchAll(/`(src\/[^`]+)`/g)].map(([, file]) => file)
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) expect(existsSync(join(ROOT, file)), file).toBe(true)
  },
)

test.each(rows.map((cells) => [cells[1], cells[5]]))('%s is shown by tests: %s', (_, shown) => {
  const parts = shown.split(/`(test\/[^`]+)`/).slice(1)
  expect(parts.length).toBeGreaterThan(0)
  for (let k = 0; k < parts.length; k += 2) {
    const source = read(parts[k])
    const titles = [...parts[k + 1].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, title]) =>
      title.replaceAll('\\"', '"'),
    )
    expect(titles.length).toBeGreaterThan(0)
    for (const title of titles) expect(source).toContain(title)
  }
})

test('every field problem that the code names is explained', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  const named = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...read(join('src', file)).matchAll(/field problems? ([\d, and]+)/g)])
    .flatMap(([, numbers]) => numbers.match(/\d+/g) ?? [])
  expect(named.length).toBeGreaterThan(10)
  const explained = rows.map((cells) => cells[1])
  expect([...new Set(named)].filter((number) => !explained.includes(number))).toEqual([])
})

const firstCells = (heading: string): string[] => {
  const part = text.slice(text.search(new RegExp(`^\\| ${heading} +\\|`, 'm')))
  return [...part.matchAll(/^\| `([^`]+)` /gm)].map(([, name]) => name)
}

test('every kind of slip is explained, in the order of the code', () => {
  expect(firstCells('kind').slice(0, SLIPS.length)).toEqual([...SLIPS])
})

test('the counters are there', () => {
  const known = Object.keys(createCounters()).map(
    (name) => `busbar_ocpp_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`,
  )
  const named = firstCells('counter')
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !known.includes(name))).toEqual([])
})
