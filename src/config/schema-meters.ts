import { Type, type Static } from 'typebox'
import { WIRINGS } from '../domain/wiring.ts'
import { amps, choice, ID, object, optional, seconds, triple } from './shapes.ts'

const PEM_FILES = {
  caFile: optional(Type.String()),
  certFile: optional(Type.String()),
  keyFile: optional(Type.String()),
}

export const BROKERS = Type.Array(
  object({
    id: ID,
    url: Type.String({ pattern: '^(mqtts?|wss?)://', description: 'like mqtts://host:8883' }),
    version: optional(choice([4, 5], { description: '5 = MQTT 5, 4 = MQTT 3.1.1' })),
    clientId: optional(Type.String()),
    username: optional(Type.String()),
    password: optional(Type.String()),
    ...PEM_FILES,
  }),
)

export const OPCUA_SERVERS = Type.Array(
  object({
    id: ID,
    url: Type.String({ pattern: '^opc\\.tcp://', description: 'like opc.tcp://host:4840' }),
    securityMode: optional(choice(['None', 'Sign', 'SignAndEncrypt'])),
    securityPolicy: optional(
      choice(['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss']),
    ),
    identity: optional(
      Type.Union([
        object({ username: Type.String(), password: Type.String() }),
        object({ certFile: Type.String(), keyFile: Type.String() }),
      ]),
    ),
    trust: optional(
      object({
        thumbprints: optional(Type.Array(Type.String())),
        trustUnknown: optional(Type.Boolean()),
      }),
    ),
    publishingIntervalMs: optional(Type.Integer({ minimum: 100, maximum: 3_600_000 })),
  }),
)

const SCALE = {
  unit: choice([
    'A',
    'mA',
    'V',
    'kV',
    'W',
    'kW',
    'MW',
    'Wh',
    'kWh',
    'MWh',
    'Hz',
    'percent',
    'fraction',
  ]),
  sign: optional(choice([1, -1])),
}
const CURRENT_SCALE = { unit: SCALE.unit, sign: optional(choice([1, -1, 'as-power'])) }

/** One text for the whole quantity, or one per phase; `null` = that phase is not connected. */
const PHASED = Type.Union([Type.String(), triple<string | null>({ type: ['string', 'null'] })])

const MQTT_ONE = { topic: optional(Type.String()), pointer: optional(Type.String()) }
const MQTT_PHASES = { topic: optional(PHASED), pointer: optional(PHASED) }

const MQTT_VALUES = object({
  powerW: optional(object({ ...MQTT_ONE, ...SCALE })),
  currentA: optional(object({ ...MQTT_PHASES, ...CURRENT_SCALE })),
  powerPerPhaseW: optional(object({ ...MQTT_PHASES, ...SCALE })),
  voltageV: optional(object({ ...MQTT_PHASES, ...SCALE })),
  energyImportWh: optional(object({ ...MQTT_ONE, ...SCALE })),
  energyExportWh: optional(object({ ...MQTT_ONE, ...SCALE })),
  frequencyHz: optional(object({ ...MQTT_ONE, ...SCALE })),
  soc: optional(object({ ...MQTT_ONE, ...SCALE })),
})

const NODE_ONE = { nodeId: Type.String() }
const NODE_PHASES = { nodeId: PHASED }

const OPCUA_VALUES = object({
  powerW: optional(object({ ...NODE_ONE, ...SCALE })),
  currentA: optional(object({ ...NODE_PHASES, ...CURRENT_SCALE })),
  powerPerPhaseW: optional(object({ ...NODE_PHASES, ...SCALE })),
  voltageV: optional(object({ ...NODE_PHASES, ...SCALE })),
  energyImportWh: optional(object({ ...NODE_ONE, ...SCALE })),
  energyExportWh: optional(object({ ...NODE_ONE, ...SCALE })),
  frequencyHz: optional(object({ ...NODE_ONE, ...SCALE })),
  soc: optional(object({ ...NODE_ONE, ...SCALE })),
})

const FORMULA = Type.Union([Type.String(), triple<string>({ type: 'string' })])

const COMMON = {
  id: ID,
  staleAfterS: optional(seconds(1)),
  storeEveryS: optional(seconds(0)),
  storeChange: optional(
    Type.Number({ minimum: 0, description: 'a change by this part is kept at once' }),
  ),
  wiring: optional(choice([...WIRINGS], { description: 'lines that the metered load uses' })),
  maxA: optional(amps(1)),
  maxW: optional(Type.Number({ exclusiveMinimum: 0 })),
}

const MQTT_METER = object({
  ...COMMON,
  kind: Type.Literal('mqtt'),
  broker: ID,
  topic: optional(Type.String()),
  values: MQTT_VALUES,
  time: optional(
    object({
      pointer: Type.String(),
      format: optional(choice(['iso', 'epoch-s', 'epoch-ms'])),
      timeZone: optional(Type.String()),
    }),
  ),
  quality: optional(
    object({
      topic: optional(Type.String()),
      pointer: optional(Type.String()),
      good: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
      uncertain: optional(Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
    }),
  ),
  joinWindowS: optional(seconds(0)),
  acceptRetained: optional(Type.Boolean()),
  decimal: optional(
    choice(['.', ','], { description: 'decimal sign of numbers that come as text' }),
  ),
  maxPayloadBytes: optional(Type.Integer({ minimum: 1, maximum: 268_435_456 })),
})

const OPCUA_METER = object({
  ...COMMON,
  kind: Type.Literal('opcua'),
  server: ID,
  values: OPCUA_VALUES,
  unchanged: optional(choice(['holds', 'ages'])),
  joinWindowS: optional(seconds(0)),
})

const VIRTUAL_METER = object({
  ...COMMON,
  kind: Type.Literal('virtual'),
  formulas: object({
    powerW: optional(FORMULA),
    currentA: optional(FORMULA),
    powerPerPhaseW: optional(FORMULA),
    voltageV: optional(FORMULA),
    energyImportWh: optional(FORMULA),
    energyExportWh: optional(FORMULA),
    frequencyHz: optional(FORMULA),
    soc: optional(FORMULA),
  }),
})

const STATION_METER = object({
  ...COMMON,
  kind: Type.Literal('station'),
  evse: Type.String({ pattern: '^.+/[0-9]+$', description: 'stationId/evseId, like CP1/1' }),
})

export type MeterConfig =
  | Static<typeof MQTT_METER>
  | Static<typeof OPCUA_METER>
  | Static<typeof VIRTUAL_METER>
  | Static<typeof STATION_METER>

export const METERS = Type.Array(
  Type.Unsafe<MeterConfig>({
    type: 'object',
    required: ['id', 'kind'],
    discriminator: { propertyName: 'kind' },
    oneOf: [MQTT_METER, OPCUA_METER, VIRTUAL_METER, STATION_METER],
  }),
)
