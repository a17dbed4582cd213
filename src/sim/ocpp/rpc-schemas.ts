import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import * as schemas16 from 'typed-ocpp/dist/ocpp16/schemas.js'
import * as schemas201 from 'typed-ocpp/dist/ocpp20/schemas.js'
import type { SimProtocol } from '../settings.ts'

const SCHEMAS: Record<SimProtocol, Readonly<Record<string, object>>> = {
  'ocpp1.6': schemas16,
  'ocpp2.0.1': schemas201,
}

// 1.6 limits have one decimal; 8.1 / 0.1 is no whole number in floating point.
const ajv = new Ajv({ strict: false, multipleOfPrecision: 3, allErrors: false })
addFormats.default(ajv)

const compiled = new Map<string, ValidateFunction>()

const validatorOf = (protocol: SimProtocol, name: string): ValidateFunction | undefined => {
  const key = `${protocol} ${name}`
  const known = compiled.get(key)
  if (known) return known
  const schema = SCHEMAS[protocol][name]
  if (!schema) return undefined
  const validator = ajv.compile(schema)
  compiled.set(key, validator)
  return validator
}

/** A CALLERROR that a station answers with. */
export class RpcFault extends Error {
  readonly code: string

  constructor(code: string, description: string) {
    super(description)
    this.name = 'RpcFault'
    this.code = code
  }
}

const codeOf = (protocol: SimProtocol, error: ErrorObject): string => {
  const old = protocol === 'ocpp1.6'
  switch (error.keyword) {
    case 'required':
    case 'minItems':
    case 'maxItems':
      return old ? 'OccurenceConstraintViolation' : 'OccurrenceConstraintViolation'
    case 'type':
      return 'TypeConstraintViolation'
    case 'additionalProperties':
      return old ? 'FormationViolation' : 'FormatViolation'
    default:
      return 'PropertyConstraintViolation'
  }
}

/**
 * Checks the payload of a command against its schema, as strict stations do. Throws `RpcFault`:
 * NotImplemented for an action that the version does not have.
 */
export const checkCommand = (protocol: SimProtocol, action: string, payload: unknown): void => {
  const validate = validatorOf(protocol, `${action}Request`)
  if (!validate) throw new RpcFault('NotImplemented', `${action} is unknown`)
  if (validate(payload)) return
  const [error] = validate.errors!
  throw new RpcFault(
    codeOf(protocol, error),
    `${action}${error.instancePath} ${error.message ?? 'is invalid'}`,
  )
}
