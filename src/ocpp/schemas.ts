import * as ocpp16 from 'typed-ocpp/dist/ocpp16/schemas.js'
import * as ocpp201 from 'typed-ocpp/dist/ocpp20/schemas.js'
import type { Protocol } from './dialect.ts'
import { MAY_LACK } from './leniency.ts'

/**
 * The one door to the official schemas. The package is used for its data only (its root would load
 * its own validation, which deletes unknown fields and refuses correct error codes).
 */
const MODULES: Readonly<Record<Protocol, Readonly<Record<string, JsonSchema>>>> = {
  'ocpp1.6': ocpp16,
  'ocpp2.0.1': ocpp201,
}

export type PayloadKind = 'request' | 'response'

/** The keywords that the OCPP schemas use. */
export interface JsonSchema {
  readonly $ref?: string
  readonly definitions?: Readonly<Record<string, JsonSchema>>
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly additionalItems?: boolean
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly enum?: readonly string[]
  readonly format?: string
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
}

/** Names as `BootNotificationRequest`, for the test that counts them. */
export const schemaNames = (protocol: Protocol): string[] => Object.keys(MODULES[protocol])

/**
 * The schema of one payload with just the definitions that it refers to (the package hangs all 143
 * of them on each), or undefined when the version has no such action.
 */
export const schemaOf = (
  protocol: Protocol,
  action: string,
  kind: PayloadKind,
): JsonSchema | undefined => {
  const name = `${action}${kind === 'request' ? 'Request' : 'Response'}`
  const module = MODULES[protocol]
  const schema = Object.hasOwn(module, name) ? module[name] : undefined
  return schema && { ...schema, definitions: reachable(schema) }
}

/** What `$ref` points to inside `root`, or the schema itself. */
export const resolveRef = (schema: JsonSchema, root: JsonSchema): JsonSchema => {
  if (schema.$ref === undefined) return schema
  const target = root.definitions?.[definitionName(schema.$ref)]
  if (target === undefined) throw new Error(`The schemas lack ${schema.$ref}`)
  return target
}

const definitionName = (ref: string): string => ref.slice('#/definitions/'.length)

const reachable = (root: JsonSchema): Record<string, JsonSchema> => {
  const found: Record<string, JsonSchema> = {}
  const visit = (schema: JsonSchema): void => {
    if (schema.$ref !== undefined) {
      const name = definitionName(schema.$ref)
      if (Object.hasOwn(found, name)) return
      found[name] = resolveRef(schema, root)
      visit(found[name])
    }
    if (schema.items) visit(schema.items)
    for (const property of Object.values(schema.properties ?? {})) visit(property)
  }
  visit(root)
  return found
}

/** Keywords that no longer matter once a payload was repaired. */
const FORGIVEN: ReadonlySet<string> = new Set([
  'maxLength',
  'minItems',
  'maxItems',
  'multipleOf',
  'additionalProperties',
  'additionalItems',
])

/**
 * The schema as we hold stations to it after repair: unknown keys, lengths, counts and decimals no
 * longer matter; types, required fields (but `MAY_LACK`), enumerations, formats and ranges do.
 */
export const relaxed = (schema: JsonSchema): JsonSchema =>
  everywhere(schema, (each) => {
    const kept: JsonSchema = Object.fromEntries(
      Object.entries(each).filter(([keyword]) => !FORGIVEN.has(keyword)),
    )
    const required = kept.required?.filter((key) => !MAY_LACK.has(key))
    return required ? { ...kept, required } : kept
  })

/** Integers within what a number (and the database) holds exactly: JSON knows no bound. */
export const bounded = (schema: JsonSchema): JsonSchema =>
  everywhere(schema, (each) =>
    each.type === 'integer'
      ? { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER, ...each }
      : each,
  )

/** The schema with each of its parts changed. */
const everywhere = (schema: JsonSchema, change: (part: JsonSchema) => JsonSchema): JsonSchema => {
  const each = (parts: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> =>
    Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, everywhere(part, change)]),
    )
  const { items, properties, definitions, ...rest } = change(schema)
  return {
    ...rest,
    ...(items && { items: everywhere(items, change) }),
    ...(properties && { properties: each(properties) }),
    ...(definitions && { definitions: each(definitions) }),
  }
}
