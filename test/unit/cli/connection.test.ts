import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connectionOf, DEFAULT_URL, isExposed } from '../../../src/cli/api/connection.ts'
import {
  forgetConnection,
  readConnection,
  saveConnection,
  savedConnectionFile,
} from '../../../src/cli/api/saved-connection.ts'
import { UsageError } from '../../../src/cli/failure.ts'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'

const SAVED = { url: 'http://127.0.0.1:18080', token: 'saved' }
const ENV = { BUSBAR_URL: 'https://env.example', BUSBAR_TOKEN: 'env' }

test.each([
  ['options before all', { url: 'http://o:1', token: 'o' }, ENV, SAVED, 'http://o:1', 'o'],
  ['environment before the file', {}, ENV, SAVED, 'https://env.example', 'env'],
  ['the file before nothing', {}, {}, SAVED, SAVED.url, 'saved'],
  [
    'a variable that is set to nothing is not set',
    {},
    { BUSBAR_URL: '', BUSBAR_TOKEN: '' },
    SAVED,
    SAVED.url,
    'saved',
  ],
  ['the default without a token', {}, {}, null, DEFAULT_URL, null],
  [
    'a saved token stays at home',
    { url: 'http://evil.example' },
    {},
    SAVED,
    'http://evil.example',
    null,
  ],
  [
    'also for an address of the environment',
    {},
    { BUSBAR_URL: 'http://x' },
    SAVED,
    'http://x',
    null,
  ],
  ['the same address in other words', { url: `${SAVED.url}/` }, {}, SAVED, SAVED.url, 'saved'],
  [
    'a path in front',
    { url: 'https://h.example/busbar/' },
    ENV,
    null,
    'https://h.example/busbar',
    'env',
  ],
] as const)('%s', (_what, given, env, saved, url, token) => {
  expect(connectionOf(given, env, saved)).toEqual({ url, token })
})

test.each(['127.0.0.1:8080', 'ftp://x', 'nonsense', 'http://user:secret@host'])(
  '%s is no address, and is not repeated',
  (url) => {
    expect(() => connectionOf({ url }, {}, null)).toThrow(UsageError)
    expect(() => connectionOf({ url }, {}, null)).not.toThrow(/secret/)
  },
)

test.each([
  ['http://192.0.2.1:8080', 't', true],
  ['http://127.0.0.1:8080', 't', false],
  ['http://localhost:8080', 't', false],
  ['http://[::1]:8080', 't', false],
  ['https://192.0.2.1', 't', false],
  ['http://192.0.2.1', null, false],
])('a token to %s (%s) can be read on the way: %s', (url, token, wanted) => {
  expect(isExposed({ url, token })).toBe(wanted)
})

describe('what a demo saves', () => {
  const folder = temporaryFolder()

  test('can be read by its owner only, and leaves nothing else behind', () => {
    const file = savedConnectionFile(folder)
    saveConnection(file, SAVED)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(dirname(file))).toEqual(['cli.json'])
    expect(readConnection(file)).toEqual(SAVED)
  })

  test('replaces a file that others could read', () => {
    const file = savedConnectionFile(join(folder, 'open'))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '{}', { mode: 0o644 })
    saveConnection(file, SAVED)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('is removed by who saved it, and by nobody else', () => {
    const file = savedConnectionFile(join(folder, 'mine'))
    saveConnection(file, { ...SAVED, token: 'newer' })
    forgetConnection(file, SAVED)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ token: 'newer' })
    forgetConnection(file, { ...SAVED, token: 'newer' })
    expect(readConnection(file)).toBeNull()
  })

  test.each(['', 'no json', '{"url":1,"token":"t"}', '{"url":"http://x"}', '[]', 'null'])(
    '%s in the file is nothing',
    (text) => {
      const file = join(folder, 'broken.json')
      writeFileSync(file, text)
      expect(readConnection(file)).toBeNull()
    },
  )
})
