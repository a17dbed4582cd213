import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Clock } from '../ports/clock.ts'
import { isDateTime } from './date-time.ts'
import type { Protocol } from './dialect.ts'
import type { Slip } from './leniency.ts'
import { repair } from './repair.ts'
import type { RpcErrorCode } from './rpc-error.ts'
import { bounded, type JsonSchema, type PayloadKind, relaxed, schemaOf } from './schemas.ts'

/** Why a payload is refused: the code of the CALLERROR and which path is wrong how. */
export interface Violation {
  readonly code: RpcErrorCode
  readonly detail: string
}

/** What became of a payload that did not pass at once. */
export interface Verdict {
  readonly violation: Violation | null
  readonly slips: readonly Slip[]
}

/** Validation of one payload of one action of one version. Compiled on first use. */
export interface Check {
  /**
   * Inbound, lenient. `null`: valid as it came (the usual case, one validation). Otherwise the
   * payload has been repaired in place; `violation` says what could not be.
   */
  receive(payload: unknown): Verdict | null
  /** Outbound, strict to the schema. `null`: valid. */
  send(payload: unknown): Violation | null
}

/** Undefined when the version has no such action. */
export const createCheck = (
  protocol: Protocol,
  action: string,
  kind: PayloadKind,
  clock: Clock,
): Check | undefined => {
  const official = schemaOf(protocol, action, kind)
  if (!official) return undefined
  const schema = bounded(official)
  let strict: ValidateFunction | undefined
  let lenient: ValidateFunction | undefined
  return {
    receive: (payload) => {
      strict ??= compile(schema)
      if (strict(payload)) return null
      if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
        return { violation: explain(action, strict.errors), slips: [] }
      }
      const slips = repair(payload, schema, action, clock.now())
      lenient ??= compile(relaxed(schema))
      return { violation: lenient(payload) ? null : explain(action, lenient.errors), slips }
    },
    send: (payload) => {
      strict ??= compile(schema)
      return strict(payload) ? null : explain(action, strict.errors)
    },
  }
}

let ajv: Ajv | undefined

/**
 * `multipleOfPrecision` 3: with the default, 1,075 of the 3,201 limits from 0.0 to 320.0 A are "no
 * multiple of 0.1".
 */
const compile = (schema: JsonSchema): ValidateFunction => {
  ajv ??= new Ajv({
    strict: false,
    validateSchema: false,
    addUsedSchema: false,
    multipleOfPrecision: 3,
    formats: { 'date-time': isDateTime, uri: (text) => URL.canParse(text) },
  })
  return ajv.compile(schema)
}

const CODES: Readonly<Record<string, RpcErrorCode>> = {
  required: 'OccurrenceConstraintViolation',
  minItems: 'OccurrenceConstraintViolation',
  maxItems: 'OccurrenceConstraintViolation',
  additionalItems: 'OccurrenceConstraintViolation',
  type: 'TypeConstraintViolation',
  additionalProperties: 'FormatViolation',
}

const explain = (action: string, errors: ErrorObject[] | null | undefined): Violation => {
  const error = errors?.[0]
  if (!error || (error.instancePath === '' && error.keyword === 'type')) {
    return { code: 'FormatViolation', detail: `${action}: the payload must be a JSON object` }
  }
  const code = Object.hasOwn(CODES, error.keyword)
    ? CODES[error.keyword]
    : 'PropertyConstraintViolation'
  return { code, detail: `${action}${error.instancePath}: ${complaint(error)}` }
}

const complaint = ({ keyword, params, message }: ErrorObject): string => {
  const { allowedValues, additionalProperty } = params as {
    allowedValues?: readonly string[]
    additionalProperty?: string
  }
  if (keyword === 'enum') return `must be one of ${allowedValues?.join(', ')}`
  if (keyword === 'additionalProperties') return `has no property '${additionalProperty}'`
  return message ?? keyword
}
