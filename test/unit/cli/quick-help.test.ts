import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts')

/** Writes the address of every module that is loaded to standard error. */
const HOOK = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({ load: (url, context, next) => (process._rawDebug(url), next(url, context)) })
`)}`

test('help loads the commands and nothing that they need', () => {
  const command = `"${process.execPath}" --import "${HOOK}" "${MAIN}" --help 2>&1 >/dev/null`
  const loaded = execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })
    .split('\n')
    .filter((url) => url.startsWith('file:'))
  const others = loaded.filter(
    (url) => !/\/node_modules\/commander\/|\/src\/(cli|domain)\/|\/src\/errors\.ts$/.test(url),
  )
  expect(loaded.length).toBeGreaterThan(20)
  expect(others).toEqual([])
})
