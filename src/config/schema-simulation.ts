import { Type } from 'typebox'
import { choice, ID, object, optional, seconds } from './shapes.ts'

const FAULTS = object({
  losesProfilesOnReboot: optional(Type.Boolean()),
  ignoresLimits: optional(Type.Boolean()),
  ignoresPhases: optional(Type.Boolean()),
  refusesOnePhase: optional(Type.Boolean()),
  refusesZero: optional(Type.Boolean()),
  rejectsStackLevelAbove: optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
  refusesDecimals: optional(Type.Boolean()),
  keepsDefaultWhileCharging: optional(Type.Boolean()),
  answerDelayMs: optional(Type.Number({ minimum: 0 })),
  silentOn: optional(Type.Array(Type.String())),
  duplicatesStart: optional(Type.Boolean()),
  energyInKwh: optional(Type.Boolean()),
  clock: optional(Type.Union([object({ offsetMs: Type.Number() }), Type.Literal('epoch')])),
  reusesMessageIds: optional(Type.Boolean()),
  disconnects: optional(object({ everyS: seconds(1), forS: seconds(1) })),
  neverPongs: optional(Type.Boolean()),
  omitsSubProtocol: optional(Type.Boolean()),
  stuckStatus: optional(Type.String()),
  strangeEnums: optional(Type.Boolean()),
})

const OUTAGE = { fromS: seconds(0), forS: seconds(1) }

const STATION = object({
  protocol: optional(choice(['ocpp1.6', 'ocpp2.0.1'])),
  model: optional(Type.String()),
  meterIntervalS: optional(seconds(1)),
  faults: optional(FAULTS),
  outages: optional(Type.Array(object(OUTAGE))),
})

const LOAD = object({
  peakW: optional(Type.Number({ minimum: 0 })),
  baseW: optional(Type.Number({ minimum: 0 })),
  shape: optional(
    Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { minItems: 24, maxItems: 24 }),
  ),
  noise: optional(Type.Number({ minimum: 0, maximum: 1 })),
  maxSlopeWPerS: optional(Type.Number({ exclusiveMinimum: 0 })),
})

/** The simulated stations, vehicles, loads and meters of a demo or of `busbar simulate`. */
export const SIMULATION = object({
  seed: optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
  speed: optional(Type.Number({ minimum: 0.1, maximum: 1000 })),
  date: optional(
    Type.String({ description: 'first local day, YYYY-MM-DD; of runs in virtual time' }),
  ),
  timeOfDay: optional(
    Type.String({ description: 'local time at the start, HH:MM; of runs in virtual time' }),
  ),
  place: optional(choice(['home', 'public', 'workplace'])),
  vehiclesPerDay: optional(Type.Number({ minimum: 0 })),
  initialVehicles: optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
  tellNeed: optional(Type.Number({ minimum: 0, maximum: 1 })),
  mix: optional(Type.Record(Type.String(), Type.Number({ minimum: 0 }))),
  loads: optional(Type.Record(Type.String(), LOAD)),
  stations: optional(Type.Record(Type.String(), STATION)),
  meterOutages: optional(Type.Array(object({ ...OUTAGE, meterId: ID }))),
  /** Embedded servers that the simulated meters use. */
  brokerPort: optional(
    Type.Integer({ minimum: 0, maximum: 65535, description: 'MQTT broker on loopback' }),
  ),
  opcuaPort: optional(
    Type.Integer({ minimum: 0, maximum: 65535, description: 'OPC UA server on loopback' }),
  ),
})
