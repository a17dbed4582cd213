import { Type } from 'typebox'
import { kilowatts, object, optional } from './shapes.ts'

const celsius = (minimum: number, maximum: number) => Type.Number({ minimum, maximum })
const kelvin = () => Type.Number({ exclusiveMinimum: 0, maximum: 150 })
const price = (description: string) => Type.Number({ minimum: 0, description })

/** What plans weigh against one another; money is in the currency of the site. */
export const PLANNING = object({
  carbonPrice: optional(price('weight of carbon, per kg CO2; 0')),
  setpointPrice: optional(
    price('per kWh beside a setpoint that an event asks to follow; half of shortfallPrice'),
  ),
  shortfallPrice: optional(
    Type.Number({
      exclusiveMinimum: 0,
      description:
        'per kWh that a session of priority 0 does not get; eight times the dearest hour, and never less than a demand charge',
    }),
  ),
  maxChanges: optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'on/off changes per session that plans may cause, the last one leaves it on; 5',
    }),
  ),
})

/** A transformer whose temperature bounds what plans draw through it (IEC 60076-7). */
export const THERMAL = object({
  ratedKva: kilowatts(1),
  ambientC: Type.Union(
    [celsius(-50, 60), Type.Array(celsius(-50, 60), { minItems: 12, maxItems: 12 })],
    { description: 'air around it: one number, or one for each month from January' },
  ),
  maxFactor: optional(
    Type.Number({
      minimum: 0.1,
      maximum: 2,
      description: 'highest load as a part of the rating, however cold it is; 1',
    }),
  ),
  hotSpotLimitC: optional(celsius(60, 160)),
  lossRatio: optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      description: 'load losses at rated current over no-load losses; 5',
    }),
  ),
  topOilRiseK: optional(kelvin()),
  hotSpotRiseK: optional(kelvin()),
  oilExponent: optional(Type.Number({ minimum: 0.5, maximum: 1.2 })),
  windingExponent: optional(Type.Number({ minimum: 1, maximum: 2.5 })),
  oilTimeMin: optional(Type.Number({ minimum: 10, maximum: 1000 })),
  windingTimeMin: optional(Type.Number({ minimum: 1, maximum: 60 })),
})
