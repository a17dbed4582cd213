import { createHash } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { createApiTokens, type ApiTokens } from '../../../src/api/tokens.ts'
import type { AuditEntry } from '../../../src/csms/audit.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createFakeStorage } from '../csms/fake-storage.ts'
import { START_MS } from './bench.ts'

const setUp = () => {
  const clock = createVirtualClock(START_MS)
  const storage = createFakeStorage()
  const audit = {
    entry: ({ by, action, target, detail = null }: AuditEntry) => ({
      table: 'audit' as const,
      row: { atMs: clock.now(), actor: by, action, target, detail },
    }),
  }
  const open = async (): Promise<ApiTokens> => {
    const tokens = createApiTokens({ storage, clock, audit })
    await tokens.load()
    return tokens
  }
  return { clock, storage, open }
}

let world: ReturnType<typeof setUp>
let tokens: ApiTokens
beforeEach(async () => {
  world = setUp()
  tokens = await world.open()
})

const given = { label: 'dispatch', scopes: ['operate', 'read'] as const }

test('a secret has 256 bits and is stored as its hash only', async () => {
  const { secret, token } = await tokens.create(given, 'cli')
  expect(secret).toMatch(/^bsb_[\w-]{43}$/)
  const [row] = world.storage.rows('apiToken')
  expect(row.hash).toBe(createHash('sha256').update(secret).digest('hex'))
  expect(
    JSON.stringify([world.storage.rows('apiToken'), world.storage.rows('audit')]),
  ).not.toContain(secret.slice(4))
  expect(token).toMatchObject({ label: 'dispatch', scopes: ['read', 'operate'], expiresAtMs: null })
  expect(tokens.find(secret)).toEqual(token)
  expect(tokens.find(`${secret}x`)).toBeNull()
  expect(tokens.find(secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A'))).toBeNull()
})

test('making and revoking stand in the audit trail, in the same commit', async () => {
  const { token } = await tokens.create(given, 'cli')
  await tokens.revoke(token.id, 'token:1/boss')
  expect(world.storage.commits.map((records) => records.map(({ table }) => table))).toEqual([
    ['apiToken', 'audit'],
    ['apiToken', 'audit'],
  ])
  expect(
    world.storage.rows('audit').map(({ actor, action, target }) => [actor, action, target]),
  ).toEqual([
    ['cli', 'api-token.create', token.id],
    ['token:1/boss', 'api-token.revoke', token.id],
  ])
})

test('tokens survive a restart, revoked ones do not come back', async () => {
  const kept = await tokens.create(given, 'cli')
  const gone = await tokens.create({ ...given, label: 'old' }, 'cli')
  await tokens.revoke(gone.token.id, 'cli')
  const next = await world.open()
  expect(next.find(kept.secret)).toEqual(kept.token)
  expect(next.find(gone.secret)).toBeNull()
  expect(next.list()).toEqual([kept.token])
})

test('a token counts until the millisecond of its end', async () => {
  const made = await tokens.create({ ...given, expiresAtMs: START_MS + 1_000 }, 'cli')
  await world.clock.advanceTo(START_MS + 999)
  expect(tokens.find(made.secret)?.id).toBe(made.token.id)
  expect(tokens.isValid(made.token.id)).toBe(true)
  await world.clock.advanceTo(START_MS + 1_000)
  expect(tokens.find(made.secret)).toBeNull()
  expect(tokens.isValid(made.token.id)).toBe(false)
  expect(tokens.list()).toHaveLength(1)
})

test('a token that could not be stored does not exist', async () => {
  world.storage.failNext(1)
  await expect(tokens.create(given, 'cli')).rejects.toMatchObject({ code: 'storage-failed' })
  expect(tokens.list()).toEqual([])
})

test('a revocation that could not be stored holds, and can be repeated', async () => {
  const { token, secret } = await tokens.create(given, 'cli')
  world.storage.failNext(1)
  await expect(tokens.revoke(token.id, 'cli')).rejects.toMatchObject({ code: 'storage-failed' })
  expect(tokens.find(secret)).toBeNull()
  await tokens.revoke(token.id, 'cli')
  expect((await world.open()).list()).toEqual([])
  await expect(tokens.revoke(token.id, 'cli')).rejects.toMatchObject({ code: 'not-found' })
})

test.each([
  [{ ...given, label: ' ' }, 'label'],
  [{ ...given, label: 'x'.repeat(65) }, 'label'],
  [{ ...given, label: 'a\u001b[31mred' }, 'label must not have control characters'],
  [{ ...given, label: 'a\u0085' }, 'label must not have control characters'],
  [{ ...given, label: 'two\nlines' }, 'label must not have control characters'],
  [{ ...given, scopes: [] }, 'scopes'],
  [{ ...given, expiresAtMs: START_MS }, 'expiresAt'],
])('%o is refused', async (wrong, word) => {
  await expect(tokens.create(wrong, 'cli')).rejects.toMatchObject({
    code: 'payload-invalid',
    message: expect.stringContaining(word),
  })
})

test('their number is bounded', async () => {
  for (let made = 0; made < 1_000; made++) await tokens.create(given, 'cli')
  await expect(tokens.create(given, 'cli')).rejects.toMatchObject({ code: 'conflict' })
})
