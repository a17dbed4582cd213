import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp, type App } from '../../app.ts'
import { checkSurroundings } from '../../app/check.ts'
import { createLog } from '../../app/log.ts'
import { loadConfig, problemLine, type LoadedConfig } from '../../config/load.ts'
import { AppError } from '../../errors.ts'
import type { Connection } from '../api/connection.ts'
import { forgetConnection, saveConnection, savedConnectionFile } from '../api/saved-connection.ts'
import { EXIT, Exit } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { versionOf } from '../version.ts'
import { ensureWorld, type WorldProcess } from '../world-process.ts'
import { announce } from './announcement.ts'
import { awaitedBy } from './awaited.ts'
import { demoCommands, type Broker, type SignalSetting } from './demo.ts'
import { createDemoToken } from './demo-token.ts'
import { humanLog } from './human-log.ts'
import { onHangup, stopRequested } from './stop-request.ts'
import { portOpen } from './port-open.ts'
import { within } from './within.ts'

const STOP_MS = 8_000

/**
 * Runs a site until somebody wants it to end.
 *
 * @throws AppError `config-invalid`, `storage-failed`, `listen-failed`; everything that was started
 *   is stopped first
 */
export const serve = async (
  file: string,
  form: 'human' | 'json',
  terminal: Terminal,
): Promise<void> => {
  const asked = stopRequested()
  const loaded = loadConfig(file, terminal.env)
  const level = loaded.config.log?.level ?? 'info'
  const log =
    form === 'human' ? createLog(level, humanLog(terminal, loaded.site.timeZone)) : createLog(level)
  onHangup(() => log.warn({ file }, 'SIGHUP: reload is not supported; restart to read the file'))
  const say = form === 'human' ? terminal.out : terminal.err
  await checkSurroundings(loaded)
  for (const warning of loaded.warnings) {
    const advice = problemLine(loaded.file, warning)
    log.warn({ siteId: loaded.site.id, advice }, 'the configuration is valid, but hardly meant so')
  }
  const app = await buildApp(loaded, log)
  if (app.isStorageNew) announceNew(app)
  const world = loaded.config.simulation ? await startWorld(app) : null
  let demo: Demo | null = null
  try {
    await app.start()
    if (world) demo = await openDemo(app, world, terminal.cwd)
  } catch (error) {
    world?.stop()
    await within(STOP_MS, app.stop())
    throw withRemedy(error)
  }
  // The lines of the start are the last ones for a while: what is to be pasted stays in sight.
  if (demo) await Promise.race([asked, stationsReady(app)])
  // Colours are for standard output; the start may go to standard error.
  const paint = form === 'human' ? terminal.paint : (_style: string, text: string) => text
  say(announce(describe(app, demo), paint))

  const signal = await asked
  log.info({ signal }, 'Busbar stops')
  await demo?.leave()
  const inTime = await within(STOP_MS, app.stop())
  world?.stop()
  if (inTime) return
  log.error({ afterS: STOP_MS / 1_000 }, 'Busbar did not stop in time and is ended')
  throw new Exit(EXIT.failure)
}

/** With a wrong path everything from before would be gone: somebody must see it. */
const announceNew = ({ log, loaded, storagePath }: App): void => {
  const fields = { siteId: loaded.site.id, path: storagePath }
  const message = 'new empty database: no sessions, tokens, events or profiles from before'
  if (loaded.config.simulation) log.info(fields, message)
  else log.warn(fields, message)
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program (another Busbar?) has this port; stop it, or configure another one',
  EACCES: 'this user may not open the port; configure one from 1024 on',
  EADDRNOTAVAIL: 'this machine does not have the address; configure another host',
}

/** A port that cannot be opened, with what to do. */
const withRemedy = (error: unknown): unknown => {
  if (!(error instanceof AppError) || error.code !== 'listen-failed') return error
  const { code = '' } = error.cause as { code?: string }
  const remedy = REMEDIES[code]
  if (remedy === undefined) return error
  return new AppError('listen-failed', `${error.message}: ${remedy}`, { cause: error.cause })
}

const READY_MS = 15_000
const LOOK_EVERY_MS = 200

/** Resolves when every station has booted, or most of them had the time for it. */
const stationsReady = async ({ ocpp }: App): Promise<void> => {
  const endMs = performance.now() + READY_MS
  while (performance.now() < endMs && !ocpp.csms.fleet.states().every(({ ready }) => ready)) {
    await sleep(LOOK_EVERY_MS)
  }
}

/** What a simulated site has that a real one has not. */
interface Demo {
  readonly world: WorldProcess
  readonly connection: Connection | null
  /** Takes back the token; while the storage is open. */
  leave(): Promise<void>
}

const WORLD_MS = 10_000

/** The world comes first, as in reality: brokers and meters are there when Busbar looks for them. */
const startWorld = async ({ loaded, dataDir, log }: App): Promise<WorldProcess> => {
  const { ocpp, simulation } = loaded.config
  const ocppUrl = `ws://${LOOPBACK[ocpp?.host ?? ''] ?? ocpp?.host ?? '127.0.0.1'}:${ocpp?.port ?? 9000}${pathOf(loaded)}`
  const world = ensureWorld(loaded.file, loaded.site.id, ocppUrl, dataDir, log)
  const ports = [simulation?.brokerPort, simulation?.opcuaPort].filter((port) => port !== undefined)
  await Promise.all(ports.map((port) => portOpen(port, WORLD_MS)))
  return world
}

const openDemo = async (app: App, world: WorldProcess, cwd: string): Promise<Demo> => {
  const { tokens } = app
  const url = apiUrl(app)
  if (url === null) return { world, connection: null, leave: () => Promise.resolve() }
  const token = await createDemoToken(tokens)
  const connection = { url, token: token.secret }
  const saved = savedConnectionFile(cwd)
  saveConnection(saved, connection)
  return {
    world,
    connection,
    leave: async () => {
      forgetConnection(saved, connection)
      await tokens.revoke(token.id, token.by)
    },
  }
}

const describe = (app: App, demo: Demo | null) => {
  const { loaded, tokens } = app
  const { site } = loaded
  const signals = signalsOf(loaded)
  const eventId = `demo-${randomBytes(2).toString('hex')}`
  return {
    version: versionOf(),
    siteName: site.name,
    evses: site.evses.length,
    configFile: loaded.file,
    apiUrl: apiUrl(app),
    ocppUrls: ocppUrls(app),
    signals,
    storagePath: app.storagePath ?? 'in memory only',
    isStorageNew: app.isStorageNew,
    world: demo && demo.world.description,
    awaits: awaitedBy(loaded, app.ocpp.csms.idTokens.list().length),
    token: demo?.connection?.token ?? null,
    needsToken: tokens.list().length === 0,
    demo: demo && demoCommands(site, eventId, signals[0] ?? null),
  }
}

const signalsOf = ({ config }: LoadedConfig): { setting: SignalSetting; broker: Broker }[] =>
  (config.signals ?? []).flatMap(({ broker: brokerId, operator, party, prefix = 'gs/v1' }) => {
    const broker = config.brokers?.find(({ id }) => id === brokerId)
    if (!broker) return []
    const { url, version = 5, username = null } = broker
    return [{ setting: { operator, party, prefix }, broker: { url, version, username } }]
  })

/** Where this machine reaches what listens everywhere. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '127.0.0.1' }

const hostOf = ({ address }: AddressInfo): string =>
  address in LOOPBACK ? hostname() : address.includes(':') ? `[${address}]` : address

const pathOf = ({ config }: LoadedConfig): string => config.ocpp?.path ?? '/ocpp'

const apiUrl = (app: App): string | null => {
  const address = app.apiAddress()
  const scheme = app.loaded.config.api?.tls ? 'https' : 'http'
  return address && `${scheme}://${hostOf(address)}:${address.port}`
}

/** In the order of the listeners: the plain one, if there is one, before that with TLS. */
const ocppUrls = ({ loaded, ocpp }: App): string[] => {
  const { port, tls } = loaded.config.ocpp ?? {}
  const hasPlain = port !== undefined || !tls
  return ocpp.server.addresses().map((address, k) => {
    const scheme = hasPlain && k === 0 ? 'ws' : 'wss'
    return `${scheme}://${hostOf(address)}:${address.port}${pathOf(loaded)}`
  })
}
