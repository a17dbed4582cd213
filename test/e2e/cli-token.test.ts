import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { verifyPassword } from '../../src/ocpp/password.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { busbar } from './cli-process.ts'

const folder = temporaryFolder()

const site = (name: string, storage: string): string => {
  const text = `
site: { id: t, timeZone: UTC, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: [{ id: feeder, limitA: 40 }]
stations: []
storage: { path: '${storage}' }
`
  writeFileSync(join(folder, name), text)
  return name
}

test('the first token is written to the database of a stopped program, hashed and audited', async () => {
  const file = site('site.yaml', 'data/site.sqlite')
  const argv = ['token', 'create', '--config', file, '--label', 'me', '--scope', 'admin,read']
  const { code, out } = await busbar([...argv, '--expires', '30d', '--json'], { cwd: folder })
  expect(code).toBe(0)
  const made = JSON.parse(out) as { id: string; secret: string; scopes: string[] }
  expect(made.scopes).toEqual(['read', 'admin'])

  const db = new DatabaseSync(join(folder, 'data/site.sqlite'), { readOnly: true })
  const [token] = db.prepare('select * from apiToken').all()
  const [audit] = db.prepare('select * from audit').all()
  db.close()
  expect(token).toMatchObject({ id: made.id, label: 'me' })
  expect(Number(token.expiresAtMs) - Number(token.createdAtMs)).toBeCloseTo(30 * 86_400_000, -4)
  expect(JSON.stringify(token)).not.toContain(made.secret)
  expect(audit).toMatchObject({ action: 'api-token.create', target: made.id })
  expect(String(audit.actor)).toMatch(/^cli:./)
})

test('its end is told by the clock of the site, which is in the configuration', async () => {
  const file = site('utc.yaml', 'utc.sqlite')
  const argv = ['token', 'create', '--config', file, '--label', 'me', '--scope', 'read']
  const ran = await busbar([...argv, '--expires', '30d'], {
    cwd: folder,
    env: { TZ: 'Pacific/Kiritimati' },
  })
  const [, told] = /expires (\d{4}-\d\d-\d\d \d\d:\d\d)\)/.exec(ran.err) ?? []
  const offMs = Date.parse(`${told?.replace(' ', 'T')}:00Z`) - (Date.now() + 30 * 86_400_000)
  expect(Math.abs(offMs)).toBeLessThan(5 * 60_000)
})

test.each([
  ['a site that keeps nothing', ':memory:', /keeps nothing/],
  ['a file that is no database', 'broken.yaml', /database .*broken\.yaml: .*not a SQLite database/],
])('%s', async (_what, storage, message) => {
  const file = site('broken.yaml', storage)
  const argv = ['token', 'create', '--config', file, '--label', 'me', '--scope', 'read']
  const { code, out, err } = await busbar(argv, { cwd: folder })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(message)
})

test('a station password is hashed without being shown', async () => {
  const { code, out, err } = await busbar(['token', 'hash'], { input: 'correct-horse\n' })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).not.toContain('correct-horse')
  expect(await verifyPassword('correct-horse', out.trim())).toBe(true)
  expect(await busbar(['token', 'hash'], { input: '\n' })).toMatchObject({
    code: 1,
    err: 'busbar: standard input holds no password\n',
  })
})
