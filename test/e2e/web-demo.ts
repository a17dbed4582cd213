import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Scope } from '../../src/api/tokens.ts'
import { buildApp, type App } from '../../src/app.ts'
import { startWorld } from '../../src/app/world.ts'
import { parseConfig } from '../../src/config/load.ts'
import { freePort } from '../fixtures/free-port.ts'
import { recordingLog } from '../fixtures/recording-log.ts'

const DEMO = resolve(import.meta.dirname, '../../config/demo.yaml')

type Document = Record<string, unknown>

/** `config/demo.yaml` on ports of our own, all meters over MQTT, full, and with stations that report often. */
const demoConfig = async (folder: string): Promise<string> => {
  const demo = parse(readFileSync(DEMO, 'utf8')) as Document
  const [brokerPort, ocppPort] = [await freePort(), await freePort()]
  const [broker] = demo.brokers as Document[]
  const meters = (demo.meters as Document[]).map((meter, _, [first]) =>
    meter.kind === 'opcua'
      ? {
          id: meter.id,
          kind: 'mqtt',
          broker: broker.id,
          topic: `site/meters/${String(meter.id)}`,
          values: first.values,
        }
      : meter,
  )
  const { opcua: _servers, ...rest } = demo
  const { opcuaPort: _port, ...simulation } = demo.simulation as Document
  return stringify({
    ...rest,
    brokers: [{ ...broker, url: `mqtt://127.0.0.1:${brokerPort}` }],
    meters,
    ocpp: { ...(demo.ocpp as Document), port: ocppPort },
    api: { port: 0 },
    storage: { path: join(folder, 'demo.sqlite') },
    simulation: {
      ...simulation,
      initialVehicles: 12,
      brokerPort,
      stations: { '*': { meterIntervalS: 2 } },
    },
  })
}

/** The real program with the simulated world of the demo around it. */
export interface Demo {
  readonly app: App
  readonly apiUrl: string
  /** The broker of the meters and the utility. */
  readonly brokerUrl: string
  /** Makes a token with these scopes. */
  token(...scopes: Scope[]): Promise<string>
  stop(): Promise<void>
}

export const startDemo = async (): Promise<Demo> => {
  const folder = mkdtempSync(join(tmpdir(), 'busbar-demo-'))
  const loaded = parseConfig(await demoConfig(folder), DEMO, {})
  const { log } = recordingLog()
  const app = await buildApp(loaded, log)
  await app.start()
  const ocppUrl = `ws://127.0.0.1:${app.ocpp.server.addresses()[0].port}/ocpp`
  const world = await startWorld(loaded, ocppUrl, folder, log)
  return {
    app,
    brokerUrl: loaded.config.brokers![0].url,
    apiUrl: `http://127.0.0.1:${app.apiAddress()!.port}/`,
    token: async (...scopes) => (await app.tokens.create({ label: 'test', scopes }, 'test')).secret,
    stop: async () => {
      await world.stop()
      await app.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
