import { describe, expect, test } from 'vitest'
import { createCounters } from '../../../src/ocpp/counters.ts'
import { createCredentials } from '../../../src/ocpp/credentials.ts'
import { DEFAULT_LIMITS } from '../../../src/ocpp/limits.ts'
import { digestPassword, hashPassword } from '../../../src/ocpp/password.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const start = (limits = {}) => {
  const counters = createCounters()
  const { log, entries } = recordingLog()
  const credentials = createCredentials({ ...DEFAULT_LIMITS, ...limits }, counters, log)
  return { credentials, counters, entries }
}
const always = () => true
const password = Buffer.from('pass word')

describe('memory', () => {
  test('what was verified once is recognised, and only that', async () => {
    const { credentials, counters } = start()
    const hashes = [digestPassword('pass word')]
    expect(credentials.remembered('CP1', password, hashes)).toBe(false)
    expect(await credentials.verify('CP1', password, hashes, always)).toBe('right')
    expect(credentials.remembered('CP1', password, hashes)).toBe(true)
    expect(credentials.remembered('CP1', Buffer.from('pass-word'), hashes)).toBe(false)
    expect(credentials.remembered('CP2', password, hashes)).toBe(false)
    expect(counters).toMatchObject({ passwordHashes: 1, passwordCacheHits: 1 })
  })

  test('a withdrawn hash is forgotten at once', async () => {
    const { credentials } = start()
    const hashes = [digestPassword('pass word')]
    await credentials.verify('CP1', password, hashes, always)
    expect(credentials.remembered('CP1', password, [digestPassword('new')])).toBe(false)
    expect(credentials.remembered('CP1', password, [])).toBe(false)
  })

  test('the old and the new password are right while a change is under way', async () => {
    const { credentials } = start()
    const hashes = [await hashPassword('new', 4), await hashPassword('old', 4)]
    expect(await credentials.verify('CP1', Buffer.from('old'), hashes, always)).toBe('right')
    expect(await credentials.verify('CP1', Buffer.from('new'), hashes, always)).toBe('right')
    expect(await credentials.verify('CP1', Buffer.from('older'), hashes, always)).toBe('wrong')
  })
})

test('a hash that cannot be read is logged and counts as wrong', async () => {
  const { credentials, entries } = start()
  expect(await credentials.verify('CP1', password, ['broken'], always)).toBe('wrong')
  expect(entries).toMatchObject([{ level: 'error', fields: { stationId: 'CP1' } }])
})

test('few hashes run at once, the rest waits, and too many are told to come back', async () => {
  const { credentials, counters } = start({ maxHashesRunning: 1, maxHashesWaiting: 2 })
  const hashes = [await hashPassword('pass word', 10)]
  const verify = (id: string) => credentials.verify(id, password, hashes, always)
  const results = ['a', 'b', 'c', 'd'].map(verify)
  expect(await results[3]).toBe('busy')
  expect(counters.passwordHashes).toBe(1)
  expect(await Promise.all(results.slice(0, 3))).toEqual(['right', 'right', 'right'])
  expect(await verify('e')).toBe('right')
})

test('who has gone while waiting is not hashed for', async () => {
  const { credentials, counters } = start()
  const hashes = [await hashPassword('pass word', 4)]
  expect(await credentials.verify('CP1', password, hashes, () => false)).toBe('busy')
  expect(counters.passwordHashes).toBe(0)
})
