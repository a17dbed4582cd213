import type { LoadedConfig } from '../config/load.ts'
import { createCsms, type Csms } from '../csms/csms.ts'
import type { Lookup } from '../ocpp/admission.ts'
import type { Protocol } from '../ocpp/dialect.ts'
import { createGateway, type OcppGateway } from '../ocpp/gateway.ts'
import type { ListenerOptions } from '../ocpp/listener.ts'
import { digestPassword } from '../ocpp/password.ts'
import { createOcppServer, type OcppServer } from '../ocpp/server.ts'
import { createPrepare } from '../ocpp/setup.ts'
import { DEFAULT_SETUP } from '../ocpp/setup-settings.ts'
import { dialect16 } from '../ocpp/v16/from-station.ts'
import { dialect201 } from '../ocpp/v201/from-station.ts'
import { createReports } from '../ocpp/v201/reports.ts'
import type { Condition } from '../domain/condition.ts'
import type { AppBase } from './base.ts'
import { createFrameTap } from './frame-tap.ts'

export interface Ocpp {
  readonly csms: Csms
  readonly gateway: OcppGateway
  readonly server: OcppServer
}

const ALL: readonly Protocol[] = ['ocpp2.0.1', 'ocpp1.6']

/** The central system with its OCPP edge. Nothing listens before `server.start()`. */
export const buildOcpp = (base: AppBase): Ocpp => {
  const { loaded, clock, random, storage, fabric, log } = base
  const { config, site } = loaded
  const settings = config.ocpp ?? {}
  const needs = config.sessionDefaults ?? {}

  const csms = createCsms({
    clock,
    random,
    storage,
    fabric,
    log,
    site,
    stations: config.stations.map((station) => ({
      stationId: station.id,
      protocols: station.protocols ?? config.stationDefaults?.protocols ?? [],
      passwordHashes: passwordHashesOf(loaded, station),
    })),
    unknownStations: settings.unknownStations ?? 'quarantine',
    ...(settings.heartbeatIntervalS ? { heartbeatIntervalS: settings.heartbeatIntervalS } : {}),
    authorization: {
      unknownTokens: settings.unknownIdTokens === 'accept' ? 'accept' : 'reject',
      concurrentTransactions: settings.concurrentTransactions ?? 'refuse',
    },
    idTokens: (config.idTokens ?? []).map(({ idToken, type, group, note }) => ({
      idToken,
      type: type ?? 'ISO14443',
      state: 'accepted',
      groupId: group ?? null,
      expiresAtMs: null,
      note: note ?? null,
    })),
    defaultNeed: {
      energyWh: needs.energyKwh === undefined ? null : needs.energyKwh * 1000,
      stayS: needs.stayH === undefined ? null : needs.stayH * 3600,
    },
  })

  const reports = createReports(clock)
  const server = createOcppServer({
    listeners: ocppListeners(loaded),
    dialects: [dialect16(csms, clock), dialect201(csms, clock, reports)],
    lookup: lookupOf(loaded, csms),
    ...(settings.maxConnections ? { limits: { maxConnections: settings.maxConnections } } : {}),
    clock,
    random,
    log,
    allowed: (link, action) => csms.connections.allowed(link.stationId, action),
    onConnect: (link) => {
      if (!csms.connections.connected(link)) link.close(1008, 'not admitted')
    },
    onDisconnect: (link) => csms.connections.disconnected(link.stationId, link.generation),
    onFrame: createFrameTap(base, csms),
  })
  const gateway = createGateway({
    csms,
    random,
    log,
    reports,
    send: (stationId, action, payload) => server.call(stationId, action, payload),
  })
  csms.missingEvents.use(async (stationId, transactionId) => {
    const asked = await gateway.call(stationId, 'GetTransactionStatus', { transactionId })
    const answer = asked.ok ? (asked.response as { readonly messagesInQueue?: unknown }) : null
    // A station that does not know the question keeps nothing that it could send.
    if (answer === null) return asked.ok || asked.reason !== 'call-error' ? null : false
    return answer.messagesInQueue === true
  })
  csms.setup.use(
    createPrepare({
      csms,
      gateway,
      log,
      settings: {
        ...DEFAULT_SETUP,
        sampleIntervalS: settings.sampleIntervalS ?? DEFAULT_SETUP.sampleIntervalS,
      },
    }),
  )
  csms.unanswered.use(
    (stationId) => void gateway.reset(stationId, 'on-idle'),
    (stationId, isHanging) =>
      base.conditions.set(
        `station-answers-nothing:${stationId}`,
        isHanging ? answersNothing(stationId) : null,
      ),
  )
  return { csms, gateway, server }
}

const answersNothing = (where: string): Condition => ({
  kind: 'station-answers-nothing',
  severity: 'warning',
  what: 'The station sends messages but answers no command, so its limits cannot be changed',
  where,
  remedy: 'Busbar reconnects and resets it; if that does not help, restart it on site',
})

type StationConfig = LoadedConfig['config']['stations'][number]

/**
 * What a configured station may show. With a password and a hash both are right: the old one and the
 * new one, while the station's own is changed (field problem 35).
 */
export const passwordHashesOf = (
  { config }: Pick<LoadedConfig, 'config'>,
  station: StationConfig,
): string[] => {
  const { password, passwordHash } = station
  const common = config.stationDefaults?.password
  const profile = station.securityProfile ?? config.stationDefaults?.securityProfile ?? 1
  if (profile === 0) return []
  const own = [
    ...(passwordHash ? [passwordHash] : []),
    ...(password ? [digestPassword(password)] : []),
  ]
  return own.length > 0 || !common ? own : [digestPassword(common)]
}

const lookupOf = ({ config }: LoadedConfig, csms: Csms): Lookup => {
  const settings = new Map(config.stations.map((station) => [station.id, station]))
  const fallback: { protocolIfNoneOffered?: Protocol } = config.ocpp?.defaultProtocol
    ? { protocolIfNoneOffered: config.ocpp.defaultProtocol }
    : {}
  const quarantines = config.ocpp?.unknownStations !== 'refuse'
  return (identity) => {
    const { state, protocols, passwordHashes } = csms.stations.credentials(identity)
    if (state === 'removed') return { kind: 'refuse' }
    if (state === 'unknown' || state === 'quarantined') {
      return quarantines
        ? { kind: 'quarantine', stationId: identity, protocols: ALL, ...fallback }
        : { kind: 'refuse' }
    }
    const own = settings.get(identity)
    return {
      kind: 'known',
      stationId: identity,
      securityProfile:
        own?.securityProfile ??
        config.stationDefaults?.securityProfile ??
        (own || passwordHashes.length > 0 ? 1 : 0),
      passwordHashes,
      ...(own?.certificateNames ? { certificateNames: own.certificateNames } : {}),
      protocols: protocols.length > 0 ? (protocols as readonly Protocol[]) : ALL,
      ...fallback,
    }
  }
}

/** Plain on loopback unless the configuration says otherwise: nothing listens to the world unasked. */
export const ocppListeners = (loaded: LoadedConfig): ListenerOptions[] => {
  const { host, port, path, tls } = loaded.config.ocpp ?? {}
  const read = (key: string, file: string): string => loaded.readText(['ocpp', 'tls', key], file)
  const listeners: ListenerOptions[] = []
  if (port !== undefined || !tls) {
    listeners.push({ host: host ?? '127.0.0.1', port: port ?? 9000, path: path ?? '/ocpp' })
  }
  if (tls) {
    listeners.push({
      host: tls.host ?? host ?? '0.0.0.0',
      port: tls.port,
      path: path ?? '/ocpp',
      tls: {
        certificates: [{ cert: read('certFile', tls.certFile), key: read('keyFile', tls.keyFile) }],
        ...(tls.clientCaFile ? { clientCa: read('clientCaFile', tls.clientCaFile) } : {}),
      },
    })
  }
  return listeners
}
