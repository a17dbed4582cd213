import {
  DEFAULTS,
  FACT_LISTS,
  FACTS,
  IMPLIED_UNITS,
  MAY_LACK,
  MEANING,
  plain,
  type Slip,
} from './leniency.ts'
import { repairBoolean, repairNumber, repairText, UNUSABLE, type Walk } from './repair-scalar.ts'
import { type JsonSchema, resolveRef } from './schemas.ts'
import { iso } from './timestamp.ts'

/**
 * Walks a payload along its schema once, O(size), and puts right in place what can be understood.
 * Only for payloads that failed validation; validate again afterwards, what is still wrong is wrong.
 * Returns the kinds of slips that were met, one entry per slip.
 */
export const repair = (
  payload: object,
  schema: JsonSchema,
  action: string,
  nowMs: number,
): readonly Slip[] => {
  const walk: Walk = { root: schema, fact: FACTS.has(action), nowMs, slips: [] }
  repairObject(payload, schema, walk)
  return walk.slips
}

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const repairValue = (value: unknown, declared: JsonSchema, key: string, walk: Walk): unknown => {
  const schema = resolveRef(declared, walk.root)
  switch (schema.type) {
    case 'object':
      return repairObject(value, schema, walk)
    case 'array':
      return repairArray(value, schema, key, walk)
    case 'string':
      return repairText(value, schema, key, walk)
    case 'integer':
    case 'number':
      return repairNumber(value, schema, walk)
    case 'boolean':
      return repairBoolean(value, walk)
    case undefined:
      return value
  }
}

const repairObject = (value: unknown, schema: JsonSchema, walk: Walk): unknown => {
  if (!isFields(value)) return UNUSABLE
  const properties = schema.properties ?? {}
  if (schema.additionalProperties === false) renameKeys(value, properties, walk)
  let usable = true
  for (const key of Object.keys(properties)) {
    const required = schema.required?.includes(key) === true
    if (Object.hasOwn(value, key) && !repairField(value, key, properties[key], required, walk)) {
      usable = false
    }
    if (required && !Object.hasOwn(value, key) && !fillIn(value, key, walk)) usable = false
  }
  return usable ? value : UNUSABLE
}

/** False when the field is needed and cannot be understood. Fields without content are deleted. */
const repairField = (
  fields: Fields,
  key: string,
  declared: JsonSchema,
  required: boolean,
  walk: Walk,
): boolean => {
  const value = fields[key]
  const empty = emptiness(value, resolveRef(declared, walk.root))
  if (empty && !(empty === 'empty' && required)) {
    walk.slips.push(empty)
    delete fields[key]
    return true
  }
  const repaired = repairValue(value, declared, key, walk)
  if (repaired !== UNUSABLE) {
    if (repaired !== value) fields[key] = repaired
    return true
  }
  if ((required && !MAY_LACK.has(key)) || !mayDrop(key, value, walk)) return false
  walk.slips.push('dropped')
  delete fields[key]
  return true
}

const emptiness = (value: unknown, schema: JsonSchema): 'null' | 'empty' | undefined => {
  if (value === null) return 'null'
  const freeText =
    schema.type === undefined || (schema.type === 'string' && !schema.enum && !schema.format)
  return value === '' && !freeText ? 'empty' : undefined
}

const mayDrop = (key: string, value: unknown, walk: Walk): boolean => {
  if (key === 'unit' && typeof value === 'string' && IMPLIED_UNITS.has(plain(value))) return true
  return walk.fact && !MEANING.has(key)
}

const fillIn = (fields: Fields, key: string, walk: Walk): boolean => {
  if (!walk.fact || !Object.hasOwn(DEFAULTS, key)) return false
  fields[key] = DEFAULTS[key] === 'now' ? iso(walk.nowMs) : DEFAULTS[key]
  walk.slips.push('defaulted')
  return true
}

/** Keys in another letter case get their name; other unknown keys stay, nobody reads them. */
const renameKeys = (
  fields: Fields,
  properties: Readonly<Record<string, JsonSchema>>,
  walk: Walk,
): void => {
  let names: Map<string, string> | undefined
  for (const key of Object.keys(fields)) {
    if (Object.hasOwn(properties, key)) continue
    names ??= new Map(Object.keys(properties).map((name) => [name.toLowerCase(), name]))
    const name = names.get(key.toLowerCase())
    if (name === undefined || Object.hasOwn(fields, name)) {
      walk.slips.push('extra-key')
      continue
    }
    fields[name] = fields[key]
    delete fields[key]
    walk.slips.push('key-case')
  }
}

const repairArray = (value: unknown, schema: JsonSchema, key: string, walk: Walk): unknown => {
  if (!Array.isArray(value)) walk.slips.push('item-for-list')
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  const tooFewOrMany =
    items.length < (schema.minItems ?? 0) || items.length > (schema.maxItems ?? Infinity)
  if (tooFewOrMany) walk.slips.push('list-length')
  if (schema.items === undefined) return items
  const droppable = walk.fact && FACT_LISTS.has(key)
  const kept: unknown[] = []
  for (const item of items) {
    const repaired = repairValue(item, schema.items, key, walk)
    if (repaired !== UNUSABLE) kept.push(repaired)
    else if (droppable) walk.slips.push('dropped')
    else return UNUSABLE
  }
  return kept
}
