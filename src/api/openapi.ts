import type { RouteOptions } from 'fastify'
import { ERRORS, type ErrorCode } from '../errors.ts'
import type { Access } from './access.ts'
import { PROBLEM_TYPE } from './problem.ts'
import { PROBLEM } from './shapes.ts'
import type { Api } from './types.ts'
import './types.ts'

/** An OpenAPI 3.1 document, as far as this folder looks into it. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly string[]
  readonly const?: string | number
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly default?: string | number
}

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'query' | 'path' | 'header'
    readonly required?: boolean
    readonly description?: string
    readonly schema: JsonSchema
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Content }>
  >
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>

/** What the document says beside its paths. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'Busbar',
    version: '0',
    description:
      'Smart charging, demand response and the OCPP central system of one site. Times are RFC 3339; powers are watts and positive into the site, currents amperes per phase or conductor. Errors are problem documents (RFC 9457).',
  },
  tags: [
    { name: 'sites', description: 'The grid connection and the tree below it' },
    { name: 'evses', description: 'What each EVSE does, may draw, and why' },
    { name: 'sessions', description: "Vehicles' stays" },
    { name: 'transactions', description: 'Transactions and their meter values' },
    { name: 'events', description: 'What the grid asks for' },
    {
      name: 'planning',
      description: 'The plan of the next day, the prices that it follows, and its forecasts',
    },
    { name: 'meters', description: 'Readings, and how well meters and sources are heard' },
    { name: 'stations', description: 'Charge points and commands to them' },
    { name: 'id-tokens', description: 'Who may charge' },
    { name: 'tokens', description: 'Who may use this API' },
    { name: 'log', description: 'OCPP frames and the audit trail' },
    { name: 'stream', description: 'Changes as they happen' },
    { name: 'health', description: 'For those who watch over the process' },
  ],
  components: {
    securitySchemes: {
      bearer: {
        type: 'http' as const,
        scheme: 'bearer',
        description: 'A token bsb_...; the roles of an operation are the scope that it needs',
      },
    },
  },
}

const FROM_ACCESS: Record<Access, readonly ErrorCode[]> = {
  public: [],
  token: ['unauthenticated', 'too-many-requests'],
  read: ['unauthenticated', 'forbidden', 'too-many-requests'],
  operate: ['unauthenticated', 'forbidden', 'too-many-requests'],
  admin: ['unauthenticated', 'forbidden', 'too-many-requests'],
}

/** A body is read before anybody asks whether the route wants one. */
const FROM_BODY: readonly ErrorCode[] = [
  'body-unreadable',
  'body-too-large',
  'media-type-unsupported',
]

const FROM_STORAGE: readonly ErrorCode[] = [
  'storage-failed',
  'record-invalid',
  'storage-overloaded',
  'internal',
]

/** Everything that a route may be answered with instead of its result. */
const problemsOf = ({ config, schema, method }: RouteOptions): Set<ErrorCode> =>
  new Set([
    ...FROM_ACCESS[config?.access ?? 'public'],
    ...(schema?.querystring ? (['query-invalid'] as const) : []),
    ...(schema?.params ? (['not-found'] as const) : []),
    ...(method === 'GET' ? [] : FROM_BODY),
    ...(schema?.body ? (['payload-invalid'] as const) : []),
    ...(config?.problems ?? []),
    ...(method === 'GET' ? (['internal', 'query-too-wide'] as const) : FROM_STORAGE),
  ])

const problemResponses = (codes: ReadonlySet<ErrorCode>): Record<string, object> => {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    Array.from(byStatus, ([status, of]) => [
      status,
      {
        description: of.map((code) => `${code}: ${ERRORS[code].title}`).join('; '),
        content: { [PROBLEM_TYPE]: { schema: PROBLEM } },
      },
    ]),
  )
}

/** For each route as it is added: who may call it, and the problems that it may answer with. */
export const describeRoute = (route: RouteOptions): void => {
  const { schema, config } = route
  if (!schema || schema.hide) return
  const access = config?.access ?? 'public'
  route.schema = {
    ...schema,
    security: access === 'public' ? [] : [{ bearer: access === 'token' ? [] : [access] }],
    response: { ...(schema.response as object), ...problemResponses(problemsOf(route)) },
  }
}

/** The document of a server that is ready. Schemas with a title stand under it, once. */
export const documentOf = (api: Api): OpenApiDocument => {
  const document = structuredClone(api.swagger()) as unknown as OpenApiDocument
  const schemas: Record<string, JsonSchema> = {}
  const paths = hoist(document.paths, schemas) as OpenApiDocument['paths']
  const sorted = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    ...document,
    paths,
    components: { ...document.components, schemas: Object.fromEntries(sorted) },
  }
}

const hoist = (value: unknown, schemas: Record<string, JsonSchema>): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: unknown) => hoist(item, schemas))
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key, hoist(held, schemas)]),
  )
  const { title } = copy
  // A property may be called "title"; then it is a schema and no text.
  if (typeof title !== 'string') return copy
  const known = schemas[title]
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(copy)) {
    throw new TypeError(`two schemas are called ${title}`)
  }
  schemas[title] = copy
  return { $ref: `#/components/schemas/${title}` }
}

export const documentRoute = (api: Api): void => {
  let document: OpenApiDocument | null = null
  api.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, () => {
    document ??= documentOf(api)
    return document
  })
}
