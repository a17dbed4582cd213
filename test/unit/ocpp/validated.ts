import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import * as ocpp16 from 'typed-ocpp/dist/ocpp16/schemas.js'
import * as ocpp201 from 'typed-ocpp/dist/ocpp20/schemas.js'
import type { Protocol } from '../../../src/ocpp/dialect.ts'

const SCHEMAS: Record<Protocol, Record<string, object>> = {
  'ocpp1.6': ocpp16,
  'ocpp2.0.1': ocpp201,
}

/** The official schemas, as they are: not through the product's own validation. */
export const createValidated = (protocol: Protocol) => {
  const ajv = new Ajv({ strict: false, validateSchema: false, multipleOfPrecision: 3 })
  addFormats.default(ajv)
  const compiled = new Map<string, ValidateFunction>()

  const compile = (name: string): ValidateFunction => {
    const known = compiled.get(name)
    if (known) return known
    const schema = SCHEMAS[protocol][name]
    if (schema === undefined) throw new Error(`${protocol} has no ${name}`)
    const { $schema: _, ...rest } = schema as { $schema?: string }
    const made = ajv.compile(rest)
    compiled.set(name, made)
    return made
  }

  return {
    /** `null`: valid; otherwise what is wrong. */
    fault: (action: string, kind: 'request' | 'response', payload: unknown): string | null => {
      const validate = compile(`${action}${kind === 'request' ? 'Request' : 'Response'}`)
      return validate(payload) ? null : `${action} ${kind}: ${ajv.errorsText(validate.errors)}`
    },
  }
}
