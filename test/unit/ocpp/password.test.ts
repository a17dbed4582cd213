import { describe, expect, test } from 'vitest'
import { digestPassword, hashPassword, verifyPassword } from '../../../src/ocpp/password.ts'

const KEY = '00112233445566778899AABBCCDDEEFF00112233'
const CHEAP = 4

describe.each([
  ['scrypt', (password: string) => hashPassword(password, CHEAP)],
  ['sha256', (password: string) => Promise.resolve(digestPassword(password))],
])('%s', (scheme, hash) => {
  test('right and wrong', async () => {
    const stored = await hash('correct horse')
    expect(stored.startsWith(`$${scheme}$`)).toBe(true)
    expect(await verifyPassword('correct horse', stored)).toBe(true)
    expect(await verifyPassword(Buffer.from('correct horse'), stored)).toBe(true)
    expect(await verifyPassword('Correct horse', stored)).toBe(false)
    expect(await verifyPassword('', stored)).toBe(false)
  })

  test('each hash has its own salt', async () => {
    expect(await hash('x')).not.toBe(await hash('x'))
  })

  test.each<[string, Buffer, boolean]>([
    ['the bytes behind the key', Buffer.from(KEY, 'hex'), true],
    ['the key as text', Buffer.from(KEY), true],
    ['the key as text in small letters', Buffer.from(KEY.toLowerCase()), true],
    ['one byte less', Buffer.from(KEY, 'hex').subarray(1), false],
    ['nothing', Buffer.alloc(0), false],
  ])('an AuthorizationKey, sent as %s', async (_, sent, right) => {
    expect(await verifyPassword(sent, await hash(KEY))).toBe(right)
  })

  test('a key whose bytes are readable text', async () => {
    const text = 'readable password'
    const stored = await hash(Buffer.from(text).toString('hex'))
    expect(await verifyPassword(Buffer.from(text), stored)).toBe(true)
  })

  test('a password outside ASCII', async () => {
    expect(await verifyPassword(Buffer.from('pässwörd'), await hash('pässwörd'))).toBe(true)
  })
})

test('guessable passwords cost more than random keys', async () => {
  expect(await hashPassword('hunter2')).toContain('$ln=14,')
  expect(await hashPassword(KEY)).toContain('$ln=8,')
})

test.each([
  '',
  'plain',
  '$scrypt$ln=99,r=8,p=1$AAAAAAAAAAAAAAAA$BBBB',
  '$md5$$x$y',
  '$scrypt$ln=8,r=0,p=1$AAAAAAAAAAAAAAAA$' + 'B'.repeat(43),
])('a hash that cannot be read (%j) is a fault, not a wrong password', async (stored) => {
  await expect(verifyPassword('x', stored)).rejects.toMatchObject({ code: 'config-invalid' })
})
