import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CONFIG } from '../../src/config/schema.ts'
import { tariffJsonSchema } from '../../src/tariffs/schema.ts'

test.each([
  ['config.schema.json', CONFIG],
  ['tariff.schema.json', tariffJsonSchema()],
])('schemas/%s is made from the code (npm run schemas writes it anew)', (file, schema) => {
  const path = join(import.meta.dirname, '../../schemas', file)
  const made = `${JSON.stringify(schema, null, 2)}\n`
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, made)
  expect(readFileSync(path, 'utf8')).toBe(made)
})
