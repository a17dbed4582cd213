import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApi, type HttpApi } from '../api/api.ts'
import type { ReadinessCheck, SourceState, StorageStats } from '../api/deps.ts'
import type { ListenOptions } from '../api/listener.ts'
import { createApiTokens, type ApiTokens } from '../api/tokens.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Meters } from '../meters/meters.ts'
import { hashPassword } from '../ocpp/password.ts'
import type { MqttSignalSource } from '../signals/mqtt/source.ts'
import type { AppBase } from './base.ts'
import type { ControlSide } from './control.ts'
import type { Ocpp } from './ocpp.ts'
import type { PriceSide } from './prices.ts'
import type { TickTimer } from './tick-timer.ts'

export interface ApiParts extends AppBase {
  readonly ocpp: Ocpp
  readonly control: ControlSide
  readonly meters: Meters
  readonly prices: PriceSide
  readonly signals: readonly MqttSignalSource[]
  readonly ticks: TickTimer
  /** `null` for a storage that has no queue. */
  readonly storageStats: () => StorageStats | null
}

export interface ApiSide {
  readonly api: HttpApi
  readonly tokens: ApiTokens
}

/** A loop that has not ticked for so long is not running the site. */
const TICK_LATE_MS = 10_000

/** The version in package.json, from sources and from dist alike. */
const VERSION = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string
  }
).version

/** The built page: beside dist/app, or in dist when running from the sources. */
const webRoot = (): string | null => {
  const built = import.meta.url.endsWith('.ts') ? '../../dist/web' : '../web'
  const folder = join(import.meta.dirname, built)
  return existsSync(join(folder, 'index.html')) ? folder : null
}

/** On loopback unless the configuration says otherwise. */
export const apiListener = (loaded: LoadedConfig): ListenOptions => {
  const { host = '127.0.0.1', port = 8080, tls } = loaded.config.api ?? {}
  const read = (key: 'certFile' | 'keyFile', file: string): string =>
    loaded.readText(['api', 'tls', key], file)
  return {
    host,
    port,
    ...(tls
      ? { tls: { cert: read('certFile', tls.certFile), key: read('keyFile', tls.keyFile) } }
      : {}),
  }
}

export const buildApi = (parts: ApiParts): ApiSide => {
  const { loaded, clock, log, storage, fabric, ocpp, control, meters, prices, signals, ticks } =
    parts
  const tokens = createApiTokens({ storage, clock, audit: ocpp.csms.audit })

  const sources = (): SourceState[] => [
    ...signals.map((signal): SourceState => ({
      id: signal.id,
      delivers: 'events',
      health: signal.health(),
      comms: signal.comms?.() ?? null,
    })),
    ...prices.sources.map((source): SourceState => ({
      id: source.id,
      delivers: 'prices',
      health: source.health(),
      comms: null,
    })),
  ]

  const checks = (): ReadinessCheck[] => {
    const lateMs = clock.now() - ticks.lastAtMs()
    const { failsafe } = control.controller.view()
    const waiting = parts.storageStats()?.waitingRecords ?? 0
    return [
      {
        name: 'control',
        ok: lateMs < TICK_LATE_MS && failsafe === null,
        detail: failsafe ?? `last tick ${Math.round(lateMs / 1000)} s ago`,
      },
      { name: 'storage', ok: waiting < 50_000, detail: `${waiting} records wait` },
    ]
  }

  const api = createApi({
    version: VERSION,
    site: loaded.site,
    currency: loaded.config.site.currency,
    clock,
    log,
    storage,
    fabric,
    tokens,
    csms: ocpp.csms,
    controller: control.controller,
    events: control.events,
    plan: control.plan,
    prices: prices.prices,
    gateway: ocpp.gateway,
    meters,
    sources,
    conditions: parts.conditions,
    hashPassword,
    ready: () => {
      const all = checks()
      return { ok: all.every(({ ok }) => ok), checks: all }
    },
    metrics: {
      ocpp: () => ocpp.server.counters,
      connections: () => ocpp.server.connectionCount(),
      ticks: ticks.stats,
      storage: parts.storageStats,
    },
    settings: { webRoot: webRoot(), openMetrics: loaded.config.api?.openMetrics ?? false },
  })
  return { api, tokens }
}
