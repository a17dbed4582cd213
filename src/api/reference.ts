import type { JsonSchema, OpenApiDocument, Operation } from './openapi.ts'

const INTRODUCTION = `# API

This page is made from the OpenAPI 3.1 document that a running Busbar serves at \`/openapi.json\`.

- **Tokens.** Everything but \`/health/*\`, \`/openapi.json\`, \`/problems/*\` and the page needs the header \`Authorization: Bearer bsb_...\`. \`busbar token create\` makes a token. Scopes: \`read\` (look), \`operate\` (commands, events, sessions), \`admin\` (stations and tokens; with \`operate\` also commands that change the firmware, credentials, certificates, network or charging profiles of a station). A token has exactly the scopes that it names; none of them holds another. \`/metrics\` needs \`read\`.
- **Errors** are problem documents (RFC 9457) of type \`application/problem+json\`; [errors.md](errors.md) lists their codes. \`instance\` finds the request in the log.
- **Every operation** with a token may be answered with 401, 403 or 429 (too many wrong tokens), with a query also with 400, with a body also with 400, 413 or 415, and with 500 or 503 when the storage fails or is overloaded. Below stand the other answers.
- **Lists** come in pages: \`limit\` (at most 1,000; 200 for messages), \`offset\`, and \`nextOffset\` in the answer. Where a list goes by time, \`from\` and \`to\` bound it; a fixed \`to\` keeps its pages stable while rows arrive.
- **Units** stand in the names: \`limitA\`, \`powerW\`, \`energyWh\`, \`stepS\`. Times are RFC 3339, in answers always UTC. Powers and currents are positive into the site or the vehicle.
- **HEAD** goes wherever GET goes, for those who only ask whether all is well: \`/health/live\`, \`/health/ready\`.
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
    [`### ${name}`, sentence(textOf(schema.description)), schemaOf(schema)].join('\n\n'),
  )
  return `${[INTRODUCTION, ...sections, '## Schemas', ...schemas].join('\n\n')}\n`
}

const capital = (word: string): string => word[0].toUpperCase() + word.slice(1).replaceAll('-', ' ')

const sentence = (words: string): string => (words === '' ? '' : `${words}.`)

const textOf = (words: string | undefined): string => words ?? ''

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
  if (schema.$ref !== undefined) return `Body: ${typeOf(schema)}.`
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
  const { properties, description } = schema
  if (properties === undefined) return description ?? typeOf(schema)
  if (properties.nextOffset)
    return `a page: \`items\` (${typeOf(properties.items)}), \`nextOffset\``
  return Object.entries(properties)
    .map(([name, field]) => `\`${name}\` (${field.properties ? answerType(field) : typeOf(field)})`)
    .join(', ')
}

/** One row per field; fields of nameless objects under the name of their owner. */
const fieldTable = (schema: JsonSchema): string =>
  table(['field', 'type', 'meaning'], rows(schema, ''))

/** Members of a union as a list. */
const schemaOf = (schema: JsonSchema): string =>
  schema.anyOf
    ? schema.anyOf.map((member) => `- ${answerType(member)}`).join('\n')
    : fieldTable(schema)

const rows = ({ properties = {}, required = [] }: JsonSchema, prefix: string): string[][] =>
  Object.entries(properties).flatMap(([name, field]) => {
    const { inner, isList } = unwrap(field)
    const path = `${prefix}${name}`
    const optional = required.includes(name) ? '' : ' (optional)'
    const meaning = field.description ?? inner.description ?? ''
    const nested = inner.properties ? rows(inner, `${path}${isList ? '[]' : ''}.`) : []
    return [[`\`${path}\``, `${typeOf(field)}${optional}`, meaning], ...nested]
  })

/** Looks through lists and through what may be null. */
const unwrap = (schema: JsonSchema): { inner: JsonSchema; isList: boolean } => {
  if (schema.items) return { inner: unwrap(schema.items).inner, isList: true }
  const members = schema.anyOf?.filter(({ type }) => type !== 'null') ?? []
  return members.length === 1 ? unwrap(members[0]) : { inner: schema, isList: false }
}

const typeOf = (schema: JsonSchema): string => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return `[${name}](#${name.toLowerCase()})`
  }
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.format === 'date-time') return 'time'
  return schema.type === undefined ? 'any JSON' : [schema.type, ...boundsOf(schema)].join(', ')
}

const boundsOf = (schema: JsonSchema): string[] => [
  ...(schema.minimum === undefined ? [] : [`from ${schema.minimum}`]),
  ...(schema.maximum === undefined ? [] : [`to ${schema.maximum}`]),
  ...(schema.maxLength === undefined ? [] : [`at most ${schema.maxLength} characters`]),
  ...(schema.default === undefined ? [] : [`default ${schema.default}`]),
]

const table = (head: readonly string[], body: readonly (readonly string[])[]): string => {
  if (body.length === 0) return ''
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}
