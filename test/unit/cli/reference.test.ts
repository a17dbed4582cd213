import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import prettier from 'prettier'
import { expect, test } from 'vitest'
import { buildProgram } from '../../../src/cli/program.ts'
import { referenceOf } from '../../../src/cli/reference.ts'
import { recordingTerminal } from './terminal.ts'

test('docs/reference/cli.md is made from the commands (UPDATE_GOLDEN=1 writes it anew)', async () => {
  const path = join(import.meta.dirname, '../../../docs/reference/cli.md')
  const options = await prettier.resolveConfig(path)
  const text = referenceOf(buildProgram(recordingTerminal()))
  const made = await prettier.format(text, { ...options, parser: 'markdown' })
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, made)
  expect(readFileSync(path, 'utf8')).toBe(made)
})
