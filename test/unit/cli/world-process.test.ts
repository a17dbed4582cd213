import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ensureWorld } from '../../../src/cli/world-process.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'

const folder = temporaryFolder()
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that waits, with this command line. */
const waiting = async (...argv: string[]): Promise<ChildProcess> => {
  const script = `console.log('ready'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', script, '--', ...argv], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

const dataDir = (name: string): string => {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

const URL_OF_NOBODY = 'ws://127.0.0.1:1/ocpp'

test('the world of an earlier run is taken over, and ended at the end', async () => {
  const dir = dataDir('left')
  const world = await waiting('simulate', 'site.yaml', '--live')
  writeFileSync(join(dir, 'world-s.pid'), String(world.pid))
  const { log } = recordingLog()
  const taken = ensureWorld('site.yaml', 's', URL_OF_NOBODY, dir, log)
  expect(taken.description).toContain(`process ${world.pid}, left by an earlier run`)
  const exited = once(world, 'exit')
  taken.stop()
  expect(await exited).toEqual([null, 'SIGTERM'])
  expect(existsSync(join(dir, 'world-s.pid'))).toBe(false)
})

test("a number that has become somebody else's is left alone; what cannot start is told", async () => {
  const dir = dataDir('stranger')
  const stranger = await waiting('something', 'else')
  writeFileSync(join(dir, 'world-s.pid'), String(stranger.pid))
  const { log, entries } = recordingLog()
  const own = ensureWorld(join(dir, 'nowhere.yaml'), 's', URL_OF_NOBODY, dir, log)
  expect(readFileSync(join(dir, 'world-s.pid'), 'utf8')).not.toBe(String(stranger.pid))
  await expect.poll(() => entries.length, { timeout: 15_000 }).toBe(1)
  expect(entries[0]).toMatchObject({
    level: 'error',
    message: 'the simulated world ended; stations and meters are gone',
    fields: { code: 1, why: expect.stringMatching(/nowhere\.yaml: cannot be read: ENOENT/) },
  })
  own.stop()
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
})
