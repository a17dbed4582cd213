import { Ajv2020 } from 'ajv/dist/2020.js'
import { isTime } from '../../../src/api/time.ts'
import type { OpenApiDocument } from '../../../src/api/openapi.ts'

/** Holds answers to the OpenAPI document. Returns what is wrong, or null. */
export type Contract = (answer: {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly type: string
  readonly body: string
}) => string | null

const escape = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))

export const createContract = (document: OpenApiDocument): Contract => {
  const ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    allErrors: true,
    formats: { 'date-time': isTime },
  })
  ajv.addSchema(document, 'openapi')
  const paths = Object.keys(document.paths).map((path) => ({
    path,
    // A fixed word before a parameter in the same place: /v1/tokens/current.
    fixed: !path.endsWith('}'),
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }))

  return ({ method, url, status, type, body }) => {
    const asked = url.split('?')[0]
    const [match] = paths
      .filter(({ pattern }) => pattern.test(asked))
      .sort((a, b) => Number(b.fixed) - Number(a.fixed))
    const operation = match && document.paths[match.path][method.toLowerCase()]
    if (!operation) return `${method} ${asked} is not in the document`
    const response = operation.responses[String(status)]
    if (!response) return `${method} ${match.path} does not document status ${status}: ${body}`
    if (!response.content)
      return body === '' ? null : `${method} ${asked}: a body where none should be`
    const media = type.split(';')[0]
    if (!response.content[media]) return `${method} ${match.path} ${status} is not of type ${media}`
    const pointer = [
      'paths',
      match.path,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      media,
      'schema',
    ]
    const reference = `openapi#/${pointer.map(escape).join('/')}`
    const check = ajv.getSchema(reference) ?? ajv.compile({ $ref: reference })
    if (check(JSON.parse(body))) return null
    return `${method} ${asked} ${status}: ${ajv.errorsText(check.errors)} in ${body.slice(0, 2000)}`
  }
}
