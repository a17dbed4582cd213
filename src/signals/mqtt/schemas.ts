import { readFileSync } from 'node:fs'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { WireEnvelope, WireManifest } from './wire.ts'

export type Checked<T> = { readonly ok: true; readonly value: T } | NotValid
export interface NotValid {
  readonly ok: false
  /** What is wrong and where, for a person at the other end. */
  readonly reason: string
}

interface Validators {
  readonly event: ValidateFunction<WireEnvelope>
  readonly manifest: ValidateFunction<WireManifest>
}

let validators: Validators | null = null

/**
 * Compiled on first use; the published files are the only definition. A time must also be one that we
 * can read: `17:00:00+01` passes the usual check, though RFC 3339 wants `+01:00`.
 */
const compiled = (): Validators => {
  if (validators) return validators
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  const usual = ajv.formats['date-time'] as { validate(text: string): boolean }
  ajv.addFormat('date-time', (text) => usual.validate(text) && !Number.isNaN(Date.parse(text)))
  const load = (name: string): object => {
    const url = new URL(`../../../schemas/mqtt-${name}.schema.json`, import.meta.url)
    return JSON.parse(readFileSync(url, 'utf8')) as object
  }
  const event = ajv.compile<WireEnvelope>(load('event'))
  validators = { event, manifest: ajv.compile<WireManifest>(load('manifest')) }
  return validators
}

export const checkEvent = (document: unknown): Checked<WireEnvelope> =>
  check(compiled().event, document)

export const checkManifest = (document: unknown): Checked<WireManifest> =>
  check(compiled().manifest, document)

const check = <T>(validate: ValidateFunction<T>, document: unknown): Checked<T> =>
  validate(document)
    ? { ok: true, value: document }
    : { ok: false, reason: explain(validate.errors?.[0]) }

/** `data/intervals/3/duration must match pattern ...`, with what there is to choose from. */
const explain = (error: ErrorObject | undefined): string => {
  if (!error) return 'it does not fit the schema'
  const where = error.instancePath.slice(1) || 'the document'
  const params = error.params as Record<string, unknown>
  const more =
    error.keyword === 'additionalProperties'
      ? `: ${String(params['additionalProperty'])}`
      : error.keyword === 'enum'
        ? `: ${JSON.stringify(params['allowedValues'])}`
        : ''
  return `${where} ${error.message ?? 'is not valid'}${more}`
}
