import { Type, type Static } from 'typebox'
import { PHASES } from '../domain/phases.ts'
import { WIRINGS } from '../domain/wiring.ts'
import { HOLIDAY_LISTS } from '../engine/holiday-lists.ts'
import { BROKERS, METERS, OPCUA_SERVERS } from './schema-meters.ts'
import { PLANNING, THERMAL } from './schema-planning.ts'
import { SIMULATION } from './schema-simulation.ts'
import { amps, choice, ID, kilowatts, object, optional, seconds } from './shapes.ts'

/** The configuration file, as people write it. `schemas/config.schema.json` is made from this. */

const CURRENCY = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217, like EUR' })

const SITE = object({
  id: ID,
  name: optional(Type.String({ minLength: 1 })),
  timeZone: Type.String({ description: 'IANA time zone, like Europe/Amsterdam' }),
  currency: CURRENCY,
  holidays: optional(
    choice(Object.keys(HOLIDAY_LISTS), {
      description: 'days on which the site rests like on a Sunday, for the forecasts',
    }),
  ),
  imbalanceLimitA: optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 10_000,
      description: 'most that plans let two lines of the grid connection differ; no limit',
    }),
  ),
  supply: object({
    kind: choice(['three-phase', 'split-phase', 'single-phase']),
    voltageV: Type.Number({
      minimum: 50,
      maximum: 1000,
      description: 'nominal, line to neutral: 230 in Europe, 120 in North America',
    }),
  }),
})

const PER_PHASE_A = Type.Union([amps(0), Type.Array(amps(0), { minItems: 3, maxItems: 3 })], {
  description: 'amperes per phase: one number for all three, or [L1, L2, L3]',
})

const NODE = object({
  id: ID,
  name: optional(Type.String()),
  parent: optional(ID),
  limitA: optional(PER_PHASE_A),
  limitKw: optional(kilowatts(0)),
  meter: optional(ID),
  margin: optional(
    Type.Number({ minimum: 0, maximum: 0.5, description: 'part of the limit never given out' }),
  ),
  thermal: optional(THERMAL),
})

const WIRING = choice([...WIRINGS], {
  description: 'phases in the order of the terminals; L1L2L3, L2, or L1L2 for line to line',
})

const LOAD = object({
  id: ID,
  name: optional(Type.String()),
  node: ID,
  kind: choice(['building', 'pv', 'battery', 'genset', 'other']),
  meter: optional(ID),
  wiring: optional(WIRING),
  designA: optional(PER_PHASE_A),
  exportA: optional(PER_PHASE_A),
})

const EVSE_SETTINGS = {
  wiring: optional(WIRING),
  current: optional(choice(['AC', 'DC'])),
  maxA: optional(amps(1)),
  minA: optional(amps(0)),
  failsafeA: optional(amps(0)),
  priority: optional(Type.Integer({ minimum: -100, maximum: 100 })),
  efficiency: optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
  phaseSwitching: optional(
    Type.Boolean({
      description: 'may go from three phases to one and back while a vehicle charges; false',
    }),
  ),
  phaseSwitchPhase: optional(
    choice([...PHASES], {
      description: 'the phase that it uses alone; the first of its wiring',
    }),
  ),
}

const PROTOCOL = choice(['ocpp1.6', 'ocpp2.0.1'])

const SECURITY_PROFILE = choice([0, 1, 2, 3], {
  description: '0 none, 1 password, 2 TLS and password, 3 client certificate; the least allowed',
})

const STATION = object({
  id: Type.String({
    minLength: 1,
    maxLength: 48,
    pattern: '^[^/:\\\\\\u0000-\\u001f]+$',
    description: 'as the station names itself in its URL; without / : and \\',
  }),
  node: ID,
  password: optional(Type.String({ minLength: 8, description: 'in clear or as ${ENV}' })),
  passwordHash: optional(
    Type.String({
      pattern: '^\\$scrypt\\$ln=\\d{1,2},r=\\d{1,2},p=\\d\\$[\\w-]{16,86}\\$[\\w-]{43}$',
      description: 'as busbar token hash prints it',
    }),
  ),
  protocols: optional(Type.Array(PROTOCOL, { minItems: 1 })),
  securityProfile: optional(SECURITY_PROFILE),
  certificateNames: optional(Type.Array(Type.String())),
  control: optional(
    Type.Union([choice(['on', 'off']), Type.Boolean()], {
      description: 'off: Busbar sends no charging profiles, the station counts at its rating; on',
    }),
  ),
  ...EVSE_SETTINGS,
  evses: optional(
    Type.Array(
      object({
        id: Type.Integer({ minimum: 1, maximum: 1000 }),
        node: optional(ID),
        ...EVSE_SETTINGS,
      }),
      { minItems: 1 },
    ),
  ),
})

const TLS = object({
  certFile: Type.String(),
  keyFile: Type.String(),
  clientCaFile: optional(
    Type.String({ description: 'asks for client certificates (security profile 3)' }),
  ),
})

const OCPP = object({
  host: optional(Type.String()),
  port: optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  tls: optional(
    object({
      host: optional(Type.String()),
      port: Type.Integer({ minimum: 0, maximum: 65535 }),
      ...TLS.properties,
    }),
  ),
  path: optional(Type.String({ pattern: '^/', description: 'of the URL, like /ocpp' })),
  heartbeatIntervalS: optional(seconds(10)),
  sampleIntervalS: optional(seconds(1)),
  defaultProtocol: optional(PROTOCOL),
  unknownStations: optional(choice(['quarantine', 'refuse'])),
  unknownIdTokens: optional(choice(['accept', 'refuse'])),
  concurrentTransactions: optional(
    choice(['accept', 'refuse'], {
      description:
        'a known idToken in a second transaction at the same time, such as one depot card for several vehicles; default refuse',
    }),
  ),
  maxConnections: optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
})

const ID_TOKEN = object({
  idToken: Type.String({ minLength: 1, maxLength: 36 }),
  type: optional(Type.String()),
  group: optional(Type.String({ minLength: 1, maxLength: 36 })),
  note: optional(Type.String()),
})

const SIGNAL = object({
  id: ID,
  kind: choice(['mqtt']),
  broker: ID,
  prefix: optional(
    Type.String({
      pattern: '^[^/+#]+(/[^/+#]+)*$',
      description: 'first levels of the topics, like gs/v1',
    }),
  ),
  operator: ID,
  party: ID,
  groups: optional(Type.Array(ID)),
  manifestPeriodS: optional(
    Type.Number({
      minimum: 1,
      description: 'agreed period of the manifest; without one the utility is never taken for lost',
    }),
  ),
  aliases: optional(
    Type.Record(Type.String({ pattern: '^[A-Za-z0-9_-]{1,128}$' }), Type.Array(Type.String()), {
      description:
        'names that the utility uses, each for nodes, stations or EVSEs (CP1/1) of the site',
      additionalProperties: false,
    }),
  ),
  readings: optional(
    Type.Array(ID, { description: 'meters whose readings the utility is told; all of them' }),
  ),
})

const PRICE = Type.Unsafe<
  | { id: string; kind: 'tariff'; tariff: string }
  | {
      id: string
      kind: 'file'
      file: string
      currency?: string
      series?: 'import' | 'export' | 'carbon'
    }
  | {
      id: string
      kind: 'mqtt'
      broker: string
      topic: string
      series?: 'import' | 'export' | 'carbon'
    }
>({
  type: 'object',
  required: ['id', 'kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    object({
      id: ID,
      kind: Type.Literal('tariff'),
      tariff: Type.String({ description: 'id of a tariff that comes with Busbar, or a file' }),
    }),
    object({
      id: ID,
      kind: Type.Literal('file'),
      file: Type.String(),
      currency: optional(CURRENCY),
      series: optional(choice(['import', 'export', 'carbon'])),
    }),
    object({
      id: ID,
      kind: Type.Literal('mqtt'),
      broker: ID,
      topic: Type.String({ minLength: 1 }),
      series: optional(choice(['import', 'export', 'carbon'])),
    }),
  ],
})

const STORAGE = object({
  path: optional(Type.String({ description: 'SQLite file; :memory: keeps nothing' })),
  messageLog: optional(Type.Boolean({ description: 'keep every OCPP frame; true' })),
  retentionDays: optional(
    object({
      messages: optional(Type.Number({ exclusiveMinimum: 0 })),
      samples: optional(Type.Number({ exclusiveMinimum: 0 })),
      readings: optional(Type.Number({ exclusiveMinimum: 0 })),
      grants: optional(Type.Number({ exclusiveMinimum: 0 })),
      plans: optional(Type.Number({ exclusiveMinimum: 0 })),
      forecasts: optional(Type.Number({ exclusiveMinimum: 0 })),
    }),
  ),
})

const CONTROL = object({
  profileValidityS: optional(seconds(30)),
  minOnS: optional(seconds(0)),
  minOffS: optional(seconds(0)),
  riseEveryS: optional(seconds(0)),
  remoteStart: optional(
    Type.Boolean({
      description:
        'start a transaction again that a station ended by itself while its vehicle still waits (default true)',
    }),
  ),
  phaseSwitching: optional(
    object({
      downAfterS: optional(seconds(5)),
      upAfterS: optional(seconds(60)),
      marginW: optional(Type.Number({ minimum: 0, maximum: 10_000 })),
      pauseS: optional(seconds(10)),
      maxSwitches: optional(Type.Integer({ minimum: 0, maximum: 50 })),
    }),
  ),
  planEveryS: optional(seconds(10)),
  planStepS: optional(choice([300, 900, 1800, 3600])),
  planHorizonH: optional(Type.Number({ minimum: 1, maximum: 72 })),
  planDeadlineS: optional(seconds(0.1)),
})

const SESSION_DEFAULTS = object({
  energyKwh: optional(Type.Number({ exclusiveMinimum: 0 })),
  stayH: optional(Type.Number({ exclusiveMinimum: 0, maximum: 168 })),
})

export const CONFIG = object(
  {
    site: SITE,
    nodes: Type.Array(NODE, { minItems: 1 }),
    loads: optional(Type.Array(LOAD)),
    stations: Type.Array(STATION),
    stationDefaults: optional(
      object({
        password: optional(Type.String({ minLength: 8 })),
        protocols: optional(Type.Array(PROTOCOL, { minItems: 1 })),
        securityProfile: optional(SECURITY_PROFILE),
        ...EVSE_SETTINGS,
      }),
    ),
    sessionDefaults: optional(SESSION_DEFAULTS),
    idTokens: optional(Type.Array(ID_TOKEN)),
    brokers: optional(BROKERS),
    opcua: optional(OPCUA_SERVERS),
    meters: optional(METERS),
    signals: optional(Type.Array(SIGNAL)),
    prices: optional(Type.Array(PRICE)),
    levels: optional(
      Type.Array(Type.Number({ minimum: 0, maximum: 1 }), {
        minItems: 4,
        maxItems: 4,
        description: 'part of the fleet power at signal level 0, 1, 2, 3',
      }),
    ),
    ocpp: optional(OCPP),
    api: optional(
      object({
        host: optional(Type.String()),
        port: optional(Type.Integer({ minimum: 0, maximum: 65535 })),
        tls: optional(object({ certFile: Type.String(), keyFile: Type.String() })),
        openMetrics: optional(
          Type.Boolean({ description: '/metrics without a token, for a scraper on this host' }),
        ),
      }),
    ),
    storage: optional(STORAGE),
    control: optional(CONTROL),
    planning: optional(PLANNING),
    log: optional(object({ level: optional(choice(['debug', 'info', 'warn', 'error'])) })),
    simulation: optional(SIMULATION),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://busbar.dev/schemas/config.schema.json',
    title: 'Busbar configuration',
  },
)

export type Config = Static<typeof CONFIG>
