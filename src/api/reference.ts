import type { JsonSchema, OpenApiDocument, Operation } from './openapi.ts'

const INTRODUCTION = `# API

This page is made from the OpenAPI 3.1 document that a running Busbar serves at \`/openapi.json\`.

- **Tokens.** Everything but \`/health/*\`, \`/openapi.json\`, \`/problems/*\` and the page needs the header \`Authorization: Bearer bsb_...\`. \`busbar token create\` makes a token. Scopes: \`read\` (look), \`operate\` (commands, events, sessions), \`admin\` (stations and tokens). A token has exactly the scopes that it names; none of them holds another. \`/metrics\` needs \`read\`.
- **Errors** are problem documents (RFC 9457) of type \`application/problem+json\`; [errors.md](errors.md) lists their codes. \`instance\` finds the request in the log.
- **Every operation** with a token may be answered with 401, 403 or 429 (too many wrong tokens), with a query also with 400, with a body also with 400, 413 or 415, and with 500 or 503 when the storage fails or is overloaded. Below stand the other answers.
- **Lists** come in pages: \`limit\` (at most 1,000), \`offset\`, and \`nextOffset\` in the answer. Where a list goes by time, \`from\` and \`to\` bound it; a fixed \`to\` keeps its pages stable while rows arrive.
- **Units** stand in the names: \`limitA\`, \`powerW\`, \`energyWh\`, \`stepS\`. Times are RFC 3339, in answers always UTC. Powers and currents are positive into the site or the vehicle.
- **Writes** are durable, and in the audit trail under the name of the token, before they are answered.
`

/** The reference as Markdown, by tags and then schemas. */
export const referenceOf = (document: OpenApiDocument): string => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = document.tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    const entries = own.map(({ path, method, operation }) => operationOf(path, method, operation))
    return [`## ${capital(name)}`, `${description}.`, ...entries].join('\n\n')
  })
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    [`### ${name}`, sentence(textOf(schema.description)), fieldTable(schema)].join('\n\n'),
  )
  return `${[INTRODUCTION, ...sections, '## Schemas', ...schemas].join('\n\n')}\n`
}

const capital = (word: string): string => word[0].toUpperCase() + word.slice(1).replaceAll('-', ' ')

const sentence = (words: string): string => (words === '' ? '' : `${words}.`)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const operationOf = (path: string, method: string, operation: Operation): string => {
  const parts = [
    `### \`${method.toUpperCase()} ${path}\``,
    `${operation.summary}. ${accessOf(operation)}`,
    textOf(operation.description),
    parameterTable(operation),
    bodyOf(operation),
    answersOf(operation),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

const accessOf = ({ security }: Operation): string => {
  const [scheme] = security
  if (scheme === undefined) return 'Open to everybody.'
  const [scope] = scheme.bearer ?? []
  return scope === undefined ? 'Any token.' : `Scope \`${scope}\`.`
}

const parameterTable = ({ parameters = [] }: Operation): string =>
  table(
    ['parameter', 'in', 'type', 'meaning'],
    parameters.map(({ name, in: place, description, schema }) => [
      `\`${name}\``,
      place,
      typeOf(schema),
      textOf(description),
    ]),
  )

const bodyOf = ({ requestBody }: Operation): string => {
  const schema = requestBody?.content['application/json'].schema
  if (schema === undefined) return ''
  if (typeof schema.$ref === 'string') return `Body: ${typeOf(schema)}.`
  const fields = fieldTable(schema)
  return fields === '' ? `Body: ${textOf(schema.description)}.` : `Body:\n\n${fields}`
}

/** Said once in the introduction. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  '400',
  '401',
  '403',
  '413',
  '415',
  '429',
  '500',
  '503',
])

const answersOf = ({ responses }: Operation): string =>
  Object.entries(responses)
    .flatMap(([status, { description, content = {} }]) => {
      const [[type, media] = []] = Object.entries(content)
      const isProblem = type === 'application/problem+json'
      if (isProblem && EVERYWHERE.has(status)) return []
      const shown = isProblem || media === undefined ? description : answerType(media.schema)
      return [`- \`${status}\` ${shown}`]
    })
    .join('\n')

const answerType = (schema: JsonSchema): string => {
  const properties = schema.properties as Readonly<Record<string, JsonSchema>> | undefined
  if (properties?.nextOffset)
    return `a page: \`items\` (${typeOf(properties.items)}), \`nextOffset\``
  const named = typeOf(schema)
  if (properties === undefined) return textOf(schema.description) || named
  const fields = Object.entries(properties).map(([name, held]) => `\`${name}\` (${typeOf(held)})`)
  return fields.join(', ')
}

/** One row per field; fields of nameless objects under the name of their owner. */
const fieldTable = (schema: JsonSchema): string =>
  table(['field', 'type', 'meaning'], rows(schema, ''))

const rows = (schema: JsonSchema, prefix: string): string[][] => {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = (schema.required ?? []) as readonly string[]
  return Object.entries(properties).flatMap(([name, field]) => {
    const { inner, isList } = unwrap(field)
    const path = `${prefix}${name}`
    const optional = required.includes(name) ? '' : ' (optional)'
    const row = [
      `\`${path}\``,
      `${typeOf(field)}${optional}`,
      textOf(field.description ?? inner.description),
    ]
    const nested = inner.properties ? rows(inner, `${path}${isList ? '[]' : ''}.`) : []
    return [row, ...nested]
  })
}

/** Looks through lists and through what may be null. */
const unwrap = (schema: JsonSchema): { inner: JsonSchema; isList: boolean } => {
  if (schema.type === 'array')
    return { inner: unwrap(schema.items as JsonSchema).inner, isList: true }
  const members = (schema.anyOf as readonly JsonSchema[] | undefined)?.filter(
    ({ type }) => type !== 'null',
  )
  return members?.length === 1 ? unwrap(members[0]) : { inner: schema, isList: false }
}

const typeOf = (schema: JsonSchema): string => {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return `[${name}](#${name.toLowerCase()})`
  }
  if (Array.isArray(schema.anyOf)) {
    return (schema.anyOf as readonly JsonSchema[]).map(typeOf).join(' or ')
  }
  if (Array.isArray(schema.enum))
    return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if ('const' in schema) return `\`${String(schema.const)}\``
  if (schema.type === 'array') return `list of ${typeOf(schema.items as JsonSchema)}`
  if (schema.format === 'date-time') return 'time'
  return typeof schema.type === 'string' ? `${schema.type}${boundsOf(schema)}` : 'any JSON'
}

const boundsOf = ({ minimum, maximum, maxLength, ...schema }: JsonSchema): string => {
  const bounds = [
    ...(minimum === undefined ? [] : [`from ${String(minimum)}`]),
    ...(maximum === undefined ? [] : [`to ${String(maximum)}`]),
    ...(maxLength === undefined ? [] : [`at most ${String(maxLength)} characters`]),
    ...(schema.default === undefined ? [] : [`default ${String(schema.default)}`]),
  ]
  return bounds.length === 0 ? '' : `, ${bounds.join(', ')}`
}

const table = (head: readonly string[], body: readonly (readonly string[])[]): string => {
  if (body.length === 0) return ''
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}
