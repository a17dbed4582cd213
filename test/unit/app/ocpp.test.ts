import { expect, test } from 'vitest'
import { passwordHashesOf } from '../../../src/app/ocpp.ts'
import type { Config } from '../../../src/config/schema.ts'
import { hashPassword, verifyPassword } from '../../../src/ocpp/password.ts'

const HASH = await hashPassword('the-new-one', 4)

test.each([
  ['its own password', { password: 'the-old-one' }, ['the-old-one']],
  ['its own hash', { passwordHash: HASH }, ['the-new-one']],
  [
    'both, for a change',
    { password: 'the-old-one', passwordHash: HASH },
    ['the-old-one', 'the-new-one'],
  ],
  ['that of all', {}, ['that-of-all']],
  ['none', { securityProfile: 0 as const }, []],
])('a station may show %s', async (_, given, right) => {
  const station = { id: 'CP1', node: 'main', ...given }
  const config = { stationDefaults: { password: 'that-of-all' } } as Config
  const hashes = passwordHashesOf({ config }, station)
  const found: string[] = []
  for (const password of ['the-old-one', 'the-new-one', 'that-of-all']) {
    const checks = await Promise.all(hashes.map((hash) => verifyPassword(password, hash)))
    if (checks.includes(true)) found.push(password)
  }
  expect(found).toEqual(right)
})
