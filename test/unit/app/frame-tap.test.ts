import { expect, test } from 'vitest'
import { createFrameTap } from '../../../src/app/frame-tap.ts'
import type { LoadedConfig } from '../../../src/config/load.ts'
import type { Csms } from '../../../src/csms/csms.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createMemoryStorage } from '../../../src/storage/memory.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const HOUR_MS = 3_600_000

const create = () => {
  const { log, entries } = recordingLog()
  const clock = createVirtualClock(0)
  const storage = createMemoryStorage({ log })
  const seen: string[] = []
  const csms = {
    connections: { seen: (stationId: string) => void seen.push(stationId) },
    stations: {
      find: (stationId: string) => ({
        state: stationId.startsWith('CP') ? 'known' : 'quarantined',
      }),
    },
  } as unknown as Csms
  const loaded = { config: {} } as LoadedConfig
  const tap = createFrameTap({ loaded, clock, storage, log }, csms)
  const say = (stationId: string, text: string): void =>
    tap(stationId, 'in', 'call', 'Heartbeat', '1', text)
  const kept = async (stationId: string): Promise<number> =>
    await storage.count('message', { where: { stationId } })
  return { clock, entries, seen, say, kept }
}

test('strangers cannot fill the disk, and take no room from the others', async () => {
  const { clock, entries, seen, say, kept } = create()
  const much = 'x'.repeat(1_000_000)
  for (let n = 0; n < 10; n++) {
    say('STRANGER', much)
    say('CP1', much)
  }
  expect(await kept('STRANGER')).toBe(4)
  expect(await kept('CP1')).toBe(10)
  expect(seen).toHaveLength(20)
  expect(entries).toMatchObject([{ level: 'warn', message: /quarantine say too much/ }])

  await clock.advanceTo(HOUR_MS / 2)
  for (let n = 0; n < 10; n++) say('OTHER', much)
  expect(await kept('OTHER')).toBe(2)
  expect(entries).toHaveLength(1)
  await clock.advanceTo(HOUR_MS)
  for (let n = 0; n < 10; n++) say('OTHER', much)
  expect(await kept('OTHER')).toBe(4)
  expect(entries).toHaveLength(2)
})
