import { expect, test } from 'vitest'
import { run } from './terminal.ts'

const usage = { code: 2, out: '' }

test.each([
  [['nonsense'], "unknown command 'nonsense'"],
  [['statoins'], '(Did you mean stations?)'],
  [['stations', '--nope'], "unknown option '--nope'"],
  [['why'], "missing required argument 'station[/evse]'"],
  [['why', 'A/B/C'], 'STATION/EVSE'],
  [['token', 'create', '--label', 'x'], '--scope <names>'],
  [['token', 'create', '--label', 'x', '--scope', 'root'], 'read, operate, admin'],
  [
    ['token', 'create', '--label', 'x', '--scope', 'read', '--config', 'a', '--url', 'b'],
    'cannot be used with',
  ],
  [['event', 'send', '--limit-kw', 'many'], 'Give a number from 0 to'],
  [['event', 'send', '--limit-kw', '20', '--priority', '256'], 'whole number from 0 to 255'],
  [['event', 'send', '--limit-kw', '20', '--kind', 'wish'], 'Allowed choices are importLimit'],
  [['event', 'send', '--start', 'later'], 'Give a time such as'],
  [['simulate', 'x.yaml', '--seed', '-1'], 'whole number from 0'],
  [['cost', 'tariff', 'x.csv', '--contracted', 'fifty'], 'NAME=KW'],
  [['station', 'command', 'CP1', 'Reset', '{type}'], 'It is not JSON'],
])('%j makes no sense, and says why and where the help is', async (argv, message) => {
  const ran = await run(argv)
  expect(ran).toMatchObject(usage)
  expect(ran.err).toContain(message)
  expect(ran.err).toMatch(/^busbar: [\s\S]*\nsee: busbar.* --help$/)
  const json = await run([...argv, '--json'])
  expect(json).toMatchObject(usage)
  expect(JSON.parse(json.err)).toEqual({
    error: { code: 'usage', message: expect.stringContaining(message) },
  })
})

test.each([
  [['stations', '--url', 'nonsense'], 'the address must be like'],
  [['event', 'list', '--mqtt', 'mqtt://127.0.0.1:1'], '--operator and --party'],
  [['event', 'list', '--operator', 'dso'], 'belong to --mqtt'],
])('%j makes no sense together', async (argv, message) => {
  const ran = await run(argv)
  expect(ran).toMatchObject(usage)
  expect(ran.err).toContain(message)
})

test('without a command help goes to standard error, as nothing was asked for', async () => {
  const { code, out, err } = await run([])
  expect({ code, out }).toEqual(usage)
  expect(err).toContain('Usage: busbar')
})

test.each([[['--help']], [['event', 'send', '--help']], [['help', 'token']], [['help']]])(
  '%j is what was asked for',
  async (argv) => {
    const { code, out, err } = await run(argv)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('Usage: busbar')
  },
)

test('the version is that of the package', async () => {
  const { code, out } = await run(['--version'])
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) })
})

test('a failure is one line and exit code 1; with --json an object on standard error', async () => {
  const argv = ['stations', '--url', 'http://127.0.0.1:1', '--token', 'secret']
  const plain = await run(argv)
  expect(plain).toMatchObject({ code: 1, out: '' })
  expect(plain.err).toMatch(/^busbar: nothing answers at http:\/\/127\.0\.0\.1:1 .*busbar serve.*$/)
  const json = await run([...argv, '--json'])
  expect(json).toMatchObject({ code: 1, out: '' })
  expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'unreachable' } })
  expect(plain.err + json.err).not.toContain('secret')
})

test('without a token it is said how to get one', async () => {
  const { code, err } = await run(['nodes'])
  expect(code).toBe(1)
  expect(err).toMatch(/no token for .*BUSBAR_TOKEN.*busbar token create/)
})

test('a token that would travel in the clear is worth a word', async () => {
  const { err } = await run(['nodes', '--url', 'http://0.0.0.0:1', '--token', 'secret'])
  expect(err).toMatch(/unencrypted; use https/)
  expect(err).not.toContain('secret')
})
