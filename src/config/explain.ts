import type { ErrorObject } from 'ajv'

/** A schema error in words: where, what, and what to do. */
export interface SchemaProblem {
  readonly path: (string | number)[]
  /** The error is about the key at `path`, not its value. */
  readonly key: boolean
  readonly message: string
}

const pathOf = (instancePath: string): (string | number)[] =>
  instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))

/** Edit distance of two short words (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, k) => k)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]
}

/** The word that was probably meant, or `null`. */
export const suggest = (word: string, known: readonly string[]): string | null => {
  const ranked = known
    .map((candidate) => ({
      candidate,
      far: distance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.far - b.far)
  const best = ranked[0]
  if (!best || best.far >= word.length) return null
  return best.far <= Math.max(2, word.length / 3) ? best.candidate : null
}

/** A text as it is, anything else as JSON. */
const wordOf = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data))

/** A number where a password should be is one all the same: it is not repeated. */
const SECRET = /password/i

const withoutSecrets = (name: string, held: unknown): unknown => {
  if (SECRET.test(name)) return '(secret)'
  return typeof held === 'string' ? held.replace(/\/\/[^/@]*@/, '//(secret)@') : held
}

const SHOWN_LENGTH = 60

const shown = ({ data, instancePath }: ErrorObject): string => {
  if (SECRET.test(instancePath)) return 'what is there'
  const text = typeof data === 'number' ? String(data) : JSON.stringify(data, withoutSecrets)
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text
}

/** Turns ajv's errors (with `verbose`) into one problem per place, most specific first. */
export const explain = (errors: readonly ErrorObject[]): SchemaProblem[] => {
  const problems = new Map<string, SchemaProblem>()
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .map((union) => ({ union, meant: meantMember(union, errors) }))
  for (const error of errors) {
    // The members of a union complain each; only the one that was meant is heard, else the union.
    if (unions.some(({ union, meant }) => union === error && meant !== null)) continue
    const around = unions.filter(({ union }) => memberOf(union, error) !== null)
    if (around.some(({ union, meant }) => memberOf(union, error) !== meant)) continue
    const problem = explainOne(error, describe(error) || describe(around[0]?.union))
    const id = JSON.stringify([problem.path, problem.key])
    if (!problems.has(id)) problems.set(id, problem)
  }
  return [...problems.values()]
}

/** Position of the member of a union that an error belongs to; `null` = it is not in the union. */
const memberOf = (union: ErrorObject, { schemaPath, instancePath }: ErrorObject): number | null => {
  const place = `${union.instancePath}/`
  if (!schemaPath.startsWith(`${union.schemaPath}/`)) return null
  if (!`${instancePath}/`.startsWith(place)) return null
  return Number.parseInt(schemaPath.slice(union.schemaPath.length + 1), 10)
}

/** The only member of a union that the value is of the type of; `null` = none, or several. */
const meantMember = (union: ErrorObject, errors: readonly ErrorObject[]): number | null => {
  const members = (union.schema as readonly unknown[]).keys()
  const strange = new Set(
    errors
      .filter((error) => error.keyword === 'type' && error.instancePath === union.instancePath)
      .map((error) => memberOf(union, error)),
  )
  const meant = [...members].filter((member) => !strange.has(member))
  return meant.length === 1 ? meant[0] : null
}

/** @param hint what the schema says about the place */
const explainOne = (error: ErrorObject, hint: string): SchemaProblem => {
  const path = pathOf(error.instancePath)
  const at = (message: string): SchemaProblem => ({ path, key: false, message })
  const { params } = error as { params: Record<string, unknown> }
  const limit = String(params.limit)
  if (error.data === null) {
    return path.length === 0
      ? at('the file is empty; describe a site, its nodes and its stations')
      : at(`is empty; give it a value, or remove it${hint}`)
  }
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      const known = Object.keys(
        (error.parentSchema as { properties?: object } | undefined)?.properties ?? {},
      )
      const meant = suggest(key, known)
      return {
        path: [...path, key],
        key: true,
        message: meant
          ? `is not a setting; did you mean "${meant}"?`
          : `is not a setting here; known are ${known.join(', ')}`,
      }
    }
    case 'required':
      return {
        path: [...path, String(params.missingProperty)],
        key: false,
        message: 'is missing; add it',
      }
    case 'enum': {
      const values = (params.allowedValues as unknown[]).map(String)
      const meant = suggest(wordOf(error.data), values)
      return at(
        `must be one of ${values.join(', ')}, not ${shown(error)}` +
          (meant ? `; did you mean "${meant}"?` : ''),
      )
    }
    case 'discriminator':
      return { path: [...path, String(params.tag)], key: false, message: kindMessage(error) }
    case 'type':
      return at(`must be ${KINDS[String(params.type)]}, not ${shown(error)}${hint}`)
    case 'minimum':
    case 'exclusiveMinimum':
      return at(
        `must be ${error.keyword === 'minimum' ? 'at least' : 'more than'} ${limit}, not ${shown(error)}${hint}`,
      )
    case 'maximum':
    case 'exclusiveMaximum':
      return at(`must be at most ${limit}, not ${shown(error)}${hint}`)
    case 'pattern':
      return at(`has a form that is not allowed: ${shown(error)}${hint}`)
    case 'minLength':
    case 'maxLength':
      return at(`must have at ${bound(error)} ${limit} characters${hint}`)
    case 'minItems':
    case 'maxItems':
      return at(`must have at ${bound(error)} ${limit} entries${hint}`)
    case 'anyOf':
      return at(`does not have an allowed form: ${shown(error)}${hint}`)
    default:
      return at(`${error.message ?? 'is invalid'}${hint}`)
  }
}

const describe = (error: ErrorObject | undefined): string => {
  const description = (error?.parentSchema as { description?: string } | undefined)?.description
  return description ? ` (${description})` : ''
}

const kindMessage = (error: ErrorObject): string => {
  const oneOf = (
    error.parentSchema as { oneOf?: { properties: Record<string, { const?: string }> }[] }
  ).oneOf
  const kinds = (oneOf ?? []).map((member) => member.properties.kind?.const ?? '?')
  return `must be one of ${kinds.join(', ')}`
}

const bound = ({ keyword }: ErrorObject): string => (keyword.startsWith('min') ? 'least' : 'most')

/** Types as people write them in YAML. */
const KINDS: Readonly<Record<string, string>> = {
  array: 'a list, each entry after a dash',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'empty',
  number: 'a number',
  object: 'settings with their names',
  string: 'a text (in quotes, where it looks like a number)',
}
