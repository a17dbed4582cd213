import {
  Type,
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnsafe,
} from 'typebox'

/** A closed object: unknown keys in a request are errors, and answers hold what is documented. */
export const object = <P extends TProperties>(properties: P, options: object = {}): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** An object that stands under its name in the OpenAPI document. */
export const named = <P extends TProperties>(
  title: string,
  description: string,
  properties: P,
): TObject<P> => object(properties, { title, description })

export const optional = Type.Optional

export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

export const choice = <const V extends string>(
  values: readonly V[],
  description?: string,
): TUnsafe<V> =>
  Type.Unsafe<V>({ type: 'string', enum: [...values], ...(description ? { description } : {}) })

export const text = (description?: string) =>
  Type.String(description === undefined ? {} : { description })
export const number = (description?: string) =>
  Type.Number(description === undefined ? {} : { description })
export const integer = (description?: string) =>
  Type.Integer(description === undefined ? {} : { description })
export const flag = (description?: string) =>
  Type.Boolean(description === undefined ? {} : { description })

/** A time with its offset; answers are in UTC. */
export const time = (description?: string) =>
  Type.String({ format: 'date-time', ...(description === undefined ? {} : { description }) })

/** Three values: L1, L2, L3. */
export const perPhase = (description: string): TUnsafe<readonly [number, number, number]> =>
  Type.Unsafe<readonly [number, number, number]>({
    type: 'array',
    items: { type: 'number' },
    minItems: 3,
    maxItems: 3,
    description: `${description}: L1, L2, L3`,
  })

/** Any JSON value, as it came from or goes to a station. */
export const anything = (description: string) => Type.Unknown({ description })

const pageUpTo = (maximum: number) => ({
  limit: optional(Type.Integer({ minimum: 1, maximum, default: 100 })),
  offset: optional(Type.Integer({ minimum: 0, maximum: 10_000_000, default: 0 })),
})

export const PAGE = pageUpTo(1_000)
/** For items that may have hundreds of kilobytes each. */
export const SHORT_PAGE = pageUpTo(200)

/** Times of a list: `from <= time < to`. A fixed `to` keeps pages stable while rows arrive. */
export const RANGE = {
  from: optional(time('not before')),
  to: optional(time('before')),
}

export const pageOf = <S extends TSchema>(item: S) =>
  object({
    items: Type.Array(item),
    nextOffset: nullable(integer('offset of the next page; null on the last one')),
  })

/** The error that every route may answer with (RFC 9457). */
export const PROBLEM = Type.Object(
  {
    type: text('what kind of problem, as a link to its description'),
    title: text(),
    status: integer(),
    code: text('short name of the kind; see docs/reference/errors.md'),
    detail: text('what is wrong here, and what to do'),
    instance: text('identifies this request in the log'),
    errors: optional(
      Type.Array(
        object({
          pointer: text('JSON Pointer into the body, or the name of a parameter'),
          detail: text(),
        }),
      ),
    ),
    station: optional(
      object({
        code: optional(text('error code of the CALLERROR')),
        response: optional(anything('what the station answered')),
      }),
    ),
  },
  { title: 'Problem', description: 'What went wrong (RFC 9457)', additionalProperties: false },
)

export type ProblemDocument = Static<typeof PROBLEM>
