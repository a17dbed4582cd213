import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { busbar, type Ran } from './cli-process.ts'
import { eventually } from './program.ts'
import { serve } from './serve-process.ts'

const DEMO = resolve(import.meta.dirname, '../../config/demo.yaml')
const folder = temporaryFolder()
/** While the world of the demo runs. */
const WORLD = join(folder, 'world-demo.pid')

const site = async (name: string, ports?: { ocpp: number; api: number }): Promise<string> => {
  const { ocpp, api } = ports ?? { ocpp: await freePort(), api: await freePort() }
  const file = `${name}.yaml`
  writeFileSync(
    join(folder, file),
    `
site:
  { id: e2e, name: End to end, timeZone: UTC, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: [{ id: feeder, limitA: 40 }]
stations: [{ id: ONE, node: feeder, password: password-1 }]
ocpp: { port: ${ocpp} }
api: { port: ${api} }
storage: { path: ${name}.sqlite }
`,
  )
  return file
}

test('a real site: first token, start, questions, faults, stop', async () => {
  const ports = { ocpp: await freePort(), api: await freePort() }
  const file = await site('real', ports)
  const url = `http://127.0.0.1:${ports.api}`
  const nobody = await serve(folder, file)
  expect(nobody.err()).toContain(
    'Nothing is simulated. Busbar waits for\n' +
      '  station ONE at the address above, from this machine only (ocpp.host)\n',
  )
  expect(nobody.err()).toContain(`npx busbar token create --config ${file}`)
  expect(await nobody.stop()).toBe(0)

  const make = ['token', 'create', '--config', file, '--label', 'first', '--scope', 'read']
  const made = await busbar(make, { cwd: folder })
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^bsb_[\w-]{43}\n$/) })
  const env = { BUSBAR_URL: url, BUSBAR_TOKEN: made.out.trim() }

  const program = await serve(folder, file)
  expect(program.err()).toContain(`\n  API       ${url}/v1/site`)
  expect(program.err()).toContain(`\n  Stations  ws://127.0.0.1:${ports.ocpp}/ocpp/STATION\n`)
  expect(program.err()).not.toContain('Nobody has a token')
  // No demo: nothing is left for other commands.
  expect(existsSync(join(folder, '.busbar', 'cli.json'))).toBe(false)

  const [stations, why, locked, taken] = await Promise.all([
    busbar(['stations'], { env, cwd: folder }),
    busbar(['why', 'ONE', '--json'], { env, cwd: folder }),
    busbar(make, { cwd: folder }),
    busbar(['serve', await site('other', ports)], { cwd: folder }),
  ])
  expect(stations).toMatchObject({ code: 0, err: '' })
  expect(stations.out).toMatch(/^ONE\/1 +known +- +never connected /m)
  expect(JSON.parse(why.out)).toMatchObject([{ evse: { key: 'ONE/1', failsafeA: 6 } }])
  expect(locked).toMatchObject({ code: 1, out: '' })
  expect(locked.err).toMatch(/^busbar: database .*real\.sqlite: .*locked.*stop it.*\n$/)
  expect(taken.code).toBe(1)
  expect(taken.err).toMatch(/^busbar: .*EADDRINUSE.*another program .*stop it.*\n$/)

  expect(await program.stop()).toBe(0)
  const lines = program.out().trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('Busbar stops')
}, 90_000)

type Document = Readonly<Record<string, unknown>>

/** The demo on ports of its own, without the meter that takes longest to connect. */
const demo = async (): Promise<string> => {
  const document = parse(readFileSync(DEMO, 'utf8')) as Document & {
    readonly loads: readonly Document[]
    readonly meters: readonly Document[]
    readonly brokers: readonly Document[]
    readonly ocpp: Document
    readonly simulation: Document
  }
  const [brokerPort, ocppPort] = [await freePort(), await freePort()]
  const { opcua: _servers, prices: _prices, ...rest } = document
  const text = stringify({
    ...rest,
    loads: document.loads.filter(({ kind }) => kind !== 'pv'),
    meters: document.meters.filter(({ kind }) => kind === 'mqtt'),
    brokers: [{ ...document.brokers[0], url: `mqtt://127.0.0.1:${brokerPort}` }],
    ocpp: { ...document.ocpp, port: ocppPort },
    api: { port: 0 },
    storage: { path: 'demo.sqlite' },
    simulation: { ...document.simulation, brokerPort, opcuaPort: undefined, loads: undefined },
  })
  writeFileSync(join(folder, 'demo.yaml'), text)
  return 'demo.yaml'
}

describe('a demo', () => {
  test('prints commands that work when they are pasted, and cleans up after itself', async () => {
    const program = await serve(folder, await demo(), 'world-demo.pid')
    const saved = join(folder, '.busbar', 'cli.json')
    expect(statSync(saved).mode & 0o777).toBe(0o600)
    const { token } = JSON.parse(readFileSync(saved, 'utf8')) as { token: string }
    expect(program.err()).toContain(`/#token=${token}\n`)
    expect(program.out()).not.toContain(token)

    /** A line of the start, as it stands there. */
    const paste = (what: string): Promise<Ran> => {
      const [, line = what] =
        new RegExp(`^ {2}npx busbar (${what} .*)$`, 'm').exec(program.err()) ?? []
      return busbar(line.split(' '), { cwd: folder })
    }
    const sent = await paste('event send')
    expect(sent).toMatchObject({ code: 0, err: '' })
    expect(sent.out).toMatch(/received\n.*accepted.*\n.*started/)
    // The tree shows it from the next tick on.
    await vi.waitFor(
      async () => {
        const why = await busbar(['why', 'GARAGE-2'], { cwd: folder })
        expect(why.out).toMatch(
          /^ {2}utility\/demo-\w+ \(contract\): import limit 23\.0 kW .*, started$/m,
        )
        expect(why.out).toMatch(/^ {2}Grid connection: .*, limited to 23\.0 kW by events$/m)
      },
      { timeout: 20_000, interval: 250 },
    )
    const cancelled = await paste('event cancel')
    expect(cancelled).toMatchObject({ code: 0, err: '' })
    expect(cancelled.out).toMatch(/received\n.*cancelled/)

    const pid = Number(readFileSync(WORLD, 'utf8'))
    expect(await program.stop()).toBe(0)
    expect(existsSync(saved)).toBe(false)
    await eventually('the simulated world ends', () => !existsSync(`/proc/${pid}`), 10_000)
  }, 120_000)
})
