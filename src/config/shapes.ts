import { Type, type TObject, type TProperties, type TUnsafe } from 'typebox'

/** A closed object: unknown keys are errors, with a suggestion. */
export const object = <P extends TProperties>(properties: P, options: object = {}): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, ...options })

export const optional = Type.Optional

export const choice = <const V extends string | number>(
  values: readonly V[],
  options: object = {},
): TUnsafe<V> => Type.Unsafe<V>({ enum: [...values], ...options })

export const ID = Type.String({
  pattern: '^[A-Za-z0-9_.-]{1,64}$',
  description: '1 to 64 letters, digits, _ . -',
})

export const amps = (minimum: number) => Type.Number({ minimum, maximum: 10_000 })
export const kilowatts = (minimum: number) => Type.Number({ minimum, maximum: 1_000_000 })
export const seconds = (minimum: number) => Type.Number({ minimum, maximum: 31_536_000 })

/** Three values, one per phase. */
export const triple = <V>(items: object): TUnsafe<readonly [V, V, V]> =>
  Type.Unsafe<readonly [V, V, V]>({ type: 'array', items, minItems: 3, maxItems: 3 })
