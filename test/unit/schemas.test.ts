import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CONFIG } from '../../src/config/schema.ts'
import { tariffJsonSchema } from '../../src/tariffs/schema.ts'

/** Where a number may be a whole number of any size: no store and no reader holds that exactly. */
const unbounded = (value: unknown, path = ''): string[] => {
  if (typeof value !== 'object' || value === null) return []
  const { type, minimum, maximum } = value as Record<string, unknown>
  const isOpen =
    type === 'integer' && !(Number.isSafeInteger(minimum) && Number.isSafeInteger(maximum))
  return [
    ...(isOpen ? [path] : []),
    ...Object.entries(value).flatMap(([key, part]) => unbounded(part, `${path}/${key}`)),
  ]
}

test.each(readdirSync(join(import.meta.dirname, '../../schemas')))(
  'schemas/%s bounds every whole number',
  (file) => {
    const text = readFileSync(join(import.meta.dirname, '../../schemas', file), 'utf8')
    expect(unbounded(JSON.parse(text))).toEqual([])
  },
)

test.each([
  ['config.schema.json', CONFIG],
  ['tariff.schema.json', tariffJsonSchema()],
])('schemas/%s is made from the code (npm run schemas writes it anew)', (file, schema) => {
  const path = join(import.meta.dirname, '../../schemas', file)
  const made = `${JSON.stringify(schema, null, 2)}\n`
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, made)
  expect(readFileSync(path, 'utf8')).toBe(made)
})
