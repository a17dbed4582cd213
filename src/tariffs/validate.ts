import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { TariffSchema, type TariffFile } from './schema.ts'
import type { Problem, YamlText } from './yaml-text.ts'

const ajv = new Ajv2020({ allErrors: true, strict: true, verbose: true })
let compiled: ReturnType<typeof ajv.compile<TariffFile>> | null = null

/** Levenshtein distance. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]
}

/** The likeliest of the known words; `null` when none is near. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  return ranked.length > 0 && ranked[0].far <= Math.max(2, word.length / 3)
    ? ranked[0].candidate
    : null
}

const propertiesOf = (error: ErrorObject): string[] =>
  Object.keys((error.parentSchema as { properties?: object }).properties ?? {})

const descriptionOf = (error: ErrorObject): string =>
  (error.parentSchema as { description?: string }).description ?? ''

/** A JSON pointer (RFC 6901) as keys. */
const keysOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

const MAX_SHOWN = 60

/** A value as a person may read it in one line. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}

const describe = (error: ErrorObject): string => {
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'required':
      return `"${String(params.missingProperty)}" is missing; add it`
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      const known = propertiesOf(error)
      if (known.length === 0) return `"${key}" is no possible name: ${descriptionOf(error)}`
      const guess = nearest(key, known)
      return `"${key}" is unknown; ${
        guess ? `did you mean "${guess}"?` : `possible are ${known.join(', ')}`
      }`
    }
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`
    case 'pattern': {
      const description = descriptionOf(error)
      return `${shown(error.data)} is not understood${description ? `; write ${description}` : ''}`
    }
    case 'type':
      return `must be ${String(params.type)}, not ${shown(error.data)}`
    default:
      return `${error.message ?? 'is invalid'} (it is ${shown(error.data)})`
  }
}

/** What the JSON Schema finds wrong with a tariff file, each with its place in the text. */
export const schemaProblems = (yaml: YamlText): Problem[] => {
  const validate = (compiled ??= ajv.compile<TariffFile>(TariffSchema))
  if (validate(yaml.value)) return []
  return (validate.errors ?? []).map((error) => {
    const path = keysOf(error.instancePath)
    if (error.keyword === 'additionalProperties') {
      const key = (error.params as { additionalProperty: string }).additionalProperty
      return yaml.at([...path, key], describe(error), 'key')
    }
    return yaml.at(path, describe(error))
  })
}
