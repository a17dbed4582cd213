import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { isOver, type Node } from '../../src/cli/nodes.ts'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { serve, type Served } from './serve-process.ts'

const EXAMPLES = resolve(import.meta.dirname, '../../config')
const folder = temporaryFolder()

interface Document {
  readonly site?: { readonly id: string }
  readonly brokers?: readonly { readonly id: string; readonly url: string }[]
  readonly opcua?: readonly { readonly id: string; readonly url: string }[]
  readonly ocpp?: object
  readonly simulation?: { readonly brokerPort?: number; readonly opcuaPort?: number }
}

const documents = readdirSync(EXAMPLES).map((name) => {
  const document = parse(readFileSync(join(EXAMPLES, name), 'utf8')) as Document
  return { name, document }
})
const sites = documents.filter(({ document }) => document.site !== undefined)
const simulated = sites.filter(({ document }) => document.simulation !== undefined)
const real = sites.filter(({ document }) => document.simulation === undefined)

test('every example is tried', () => {
  expect(simulated.map(({ name }) => name)).toEqual(['demo.yaml', 'depot.yaml', 'office-us.yaml'])
  expect(real.map(({ name }) => name)).toEqual(['minimal.yaml'])
})

/** An example as it is, but for the ports. Other tests use those of the examples. */
const served = async (name: string, document: Document): Promise<{ cwd: string } & Served> => {
  const { simulation, brokers = [], opcua = [] } = document
  const cwd = join(folder, name)
  mkdirSync(cwd)
  cpSync(EXAMPLES, join(cwd, 'config'), { recursive: true })
  const ports = new Map<string, number>()
  for (const port of [simulation?.brokerPort, simulation?.opcuaPort]) {
    if (port !== undefined) ports.set(String(port), await freePort())
  }
  const moved = <T extends { readonly url: string }>(servers: readonly T[]): T[] =>
    servers.map((server) => ({
      ...server,
      url: server.url.replace(/\d+$/, (port) => String(ports.get(port) ?? port)),
    }))
  const text = stringify(
    {
      ...document,
      brokers: moved(brokers),
      opcua: moved(opcua),
      ocpp: { ...document.ocpp, port: await freePort() },
      api: { port: 0 },
      ...(simulation && {
        simulation: {
          ...simulation,
          brokerPort: ports.get(String(simulation.brokerPort)),
          opcuaPort: ports.get(String(simulation.opcuaPort)),
        },
      }),
    },
    { aliasDuplicateObjects: false },
  )
  writeFileSync(join(cwd, 'config', name), text)
  const world = simulation && `.busbar/world-${document.site?.id}.pid`
  return { cwd, ...(await serve(cwd, `config/${name}`, world)) }
}

/** Reads from the API as the commands of that folder do. */
const reader = (cwd: string) => {
  const { url, token } = JSON.parse(readFileSync(join(cwd, '.busbar/cli.json'), 'utf8')) as {
    url: string
    token: string
  }
  return async <T>(path: string): Promise<readonly T[]> => {
    const answer = await fetch(`${url}${path}?limit=1000`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return ((await answer.json()) as { items: readonly T[] }).items
  }
}

const CHARGING = 3
const LOOKS = 8

test.concurrent.each(simulated)(
  '$name has vehicles that charge within a minute, and no limit is exceeded',
  async ({ name, document }) => {
    const { cwd, err, stop } = await served(name, document)
    expect(err()).not.toContain('Busbar waits for')
    const list = reader(cwd)
    const charging = async (): Promise<number> =>
      (await list<{ energyWh: number }>('/v1/sessions')).filter(({ energyWh }) => energyWh > 0)
        .length
    await vi.waitFor(async () => expect(await charging()).toBeGreaterThanOrEqual(CHARGING), {
      timeout: 60_000,
      interval: 1_000,
    })
    for (let look = 0; look < LOOKS; look++) {
      const nodes = await list<Node>('/v1/nodes')
      expect(nodes.filter(isOver)).toEqual([])
      // The meters are heard: what is uncontrolled is known, not assumed.
      expect(nodes.flatMap(({ now }) => now?.problems ?? [])).toEqual([])
      expect(nodes[0].now?.evW).toBeGreaterThan(0)
      await sleep(500)
    }
    expect(await stop()).toBe(0)
  },
  150_000,
)

test.each(real)(
  '$name says that it waits for what is real',
  async ({ name, document }) => {
    const { err, stop } = await served(name, document)
    expect(err()).toMatch(
      /\nNothing is simulated\. Busbar waits for\n {2}2 stations \(CP01, CP02\) at the address above, /,
    )
    expect(err()).toMatch(/\n {2}drivers' cards: none is known, others are refused \(idTokens, /)
    expect(readFileSync(join(EXAMPLES, name), 'utf8')).toContain('simulates nothing')
    expect(await stop()).toBe(0)
  },
  60_000,
)
