import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, ValidateFunction } from 'ajv'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { AppError } from '../errors.ts'
import type { FieldError } from './problem.ts'
import { isTime } from './time.ts'

const OPTIONS = {
  allErrors: true,
  strict: false,
  verbose: true,
  useDefaults: true,
  formats: { 'date-time': isTime },
} as const

/** Errors that one answer names. */
const MAX_ERRORS = 20

/**
 * Bodies are taken as they are; parameters are text, so their numbers are read from it. A schema is
 * compiled when the first request needs it.
 */
export const createValidatorCompiler = (): FastifySchemaCompiler<object> => {
  const body = new Ajv2020(OPTIONS)
  const parameters = new Ajv2020({ ...OPTIONS, coerceTypes: true })
  return ({ schema, httpPart }) => {
    let check: ValidateFunction | null = null
    return (value: unknown) => {
      check ??= (httpPart === 'body' ? body : parameters).compile(schema)
      return check(value) ? { value } : { error: check.errors as FastifySchemaValidationError[] }
    }
  }
}

/**
 * What a client is told: 422 with one entry per place for a body, 400 for a query; a path that does
 * not fit names nothing, so it is 404.
 */
export const validationError = (
  found: readonly FastifySchemaValidationError[],
  part: string,
): AppError => {
  // The compiler above is ajv's, so these are its errors.
  const errors = fieldErrors(found as readonly ErrorObject[])
  const [first] = errors
  if (part === 'params') {
    return new AppError('not-found', `nothing can be at this path: ${sentence(first)}`)
  }
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  if (part === 'body') {
    return new AppError('payload-invalid', `${sentence(first)}${more}`, { details: { errors } })
  }
  const named = errors.map(({ pointer, detail }) => ({ pointer: pointer.slice(1), detail }))
  return new AppError('query-invalid', `${sentence(named[0])}${more}`, {
    details: { errors: named },
  })
}

const sentence = ({ pointer, detail }: FieldError): string =>
  pointer === '' ? `the body ${detail}` : `${pointer} ${detail}`

const fieldErrors = (found: readonly ErrorObject[]): FieldError[] => {
  const places = new Map<string, FieldError>()
  for (const error of found) {
    const entry = fieldError(error)
    // The first complaint about a place is the plainest; unions add one per member.
    if (!places.has(entry.pointer)) places.set(entry.pointer, entry)
    if (places.size === MAX_ERRORS) break
  }
  return [...places.values()]
}

const escape = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const fieldError = (error: ErrorObject): FieldError => {
  const { instancePath: pointer, keyword, message = 'is invalid' } = error
  const params = error.params as Record<string, unknown>
  switch (keyword) {
    case 'required': {
      const missing = String(params.missingProperty)
      return { pointer: `${pointer}/${escape(missing)}`, detail: 'is missing' }
    }
    case 'additionalProperties': {
      const known = Object.keys(
        (error.parentSchema as { properties?: object } | undefined)?.properties ?? {},
      )
      const unknown = String(params.additionalProperty)
      const detail = `is not known here; known are ${known.join(', ')}`
      return { pointer: `${pointer}/${escape(unknown)}`, detail }
    }
    case 'enum':
      return { pointer, detail: `must be one of ${(params.allowedValues as string[]).join(', ')}` }
    case 'format':
      return {
        pointer,
        detail:
          'must be a time with its offset, such as 2026-11-22T18:00:00Z (write + as %2B in a query)',
      }
    default:
      return { pointer, detail: message }
  }
}
