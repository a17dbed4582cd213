import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** What tests start besides Node; the file of such a test says so: `web-page.chromium.test.ts`. */
const PROGRAMS = ['mosquitto', 'chromium', 'openssl']

const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

const missing = PROGRAMS.filter((program) => !isInstalled(program))
if (missing.length > 0) {
  const names = missing.join(', ')
  if (process.env.BUSBAR_TESTS === 'all') throw new Error(`install ${names} to run all tests`)
  process.stderr.write(`Not installed: ${names}. The tests that need them are left out.\n`)
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: missing.map((program) => `**/*.${program}.*`),
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Many tests wait for sockets and processes: the default leaves a core of two unused.
    maxWorkers: '100%',
  },
})
