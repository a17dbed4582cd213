import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')

const SCRIPT = `
  const [storage, clock] = await Promise.all(process.argv.slice(1, 3).map((url) => import(url)))
  const log = { debug() {}, info() {}, warn() {}, error: console.error, child: () => log }
  const path = process.argv[3]
  const opened = await storage.openSqliteStorage({ path, log, clock: clock.systemClock })
  await opened.commit([{ table: 'counter', row: { name: 'transactionId', value: 42 } }])
  console.log(JSON.stringify(await opened.query('counter')))
  await opened.stop()
`

test('the compiled program starts its threads from compiled files', () => {
  const folder = temporaryFolder()
  const dist = join(folder, 'dist')
  const tsc = join(root, 'node_modules/.bin/tsc')
  // Types are checked elsewhere; here only what comes out matters.
  spawnSync(tsc, ['-p', join(root, 'tsconfig.build.json'), '--outDir', dist])
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const entry = join(dist, 'storage/sqlite/storage.js')
  expect(existsSync(entry)).toBe(true)
  const urls = [entry, join(dist, 'fabric/system-clock.js')].map((path) => pathToFileURL(path).href)
  const child = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', SCRIPT, ...urls, join(folder, 'site.db')],
    { encoding: 'utf8' },
  )
  expect(child.stderr).toBe('')
  expect(JSON.parse(child.stdout)).toEqual([{ rowId: 1, name: 'transactionId', value: 42 }])
})
