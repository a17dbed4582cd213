import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Static, TSchema } from 'typebox'
import type { ProblemDocument } from '../../api/shapes.ts'
import { Failure } from '../failure.ts'
import type { ApiOptions } from '../options.ts'
import { withoutEscapes, type Terminal } from '../terminal.ts'
import { connectionOf, isExposed, type Connection } from './connection.ts'
import { readConnection, savedConnectionFile } from './saved-connection.ts'

export type Query = Readonly<Record<string, string | number | undefined>>

/** A running Busbar. Everything rejects with `Failure`; answers fit the schema that was given. */
export interface ApiClient {
  get<S extends TSchema>(path: string, answer: S): Promise<Static<S>>
  /** All pages of a list, up to `MAX_ITEMS`. */
  list<S extends TSchema>(path: string, item: S, query?: Query): Promise<Static<S>[]>
  send<S extends TSchema>(
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
    answer: S,
    patienceMs?: number,
  ): Promise<Static<S>>
  remove(path: string): Promise<void>
}

export const MAX_ITEMS = 10_000
const PAGE = 1_000
const PATIENCE_MS = 15_000

/** A path with everything that is not a name escaped. */
export const path = (parts: TemplateStringsArray, ...names: readonly (string | number)[]): string =>
  parts.reduce((text, part, k) => text + encodeURIComponent(names[k - 1]) + part)

/** The Busbar that the options, the environment or a saved connection name. */
export const connectApi = (options: ApiOptions, terminal: Terminal): ApiClient => {
  const saved = readConnection(savedConnectionFile(terminal.cwd))
  const connection = connectionOf(options, terminal.env, saved)
  if (isExposed(connection)) {
    terminal.err(`attention: the token travels to ${connection.url} unencrypted; use https`)
  }
  return createApiClient(connection)
}

export const createApiClient = (connection: Connection): ApiClient => {
  const { url } = connection

  const ask = async (
    method: string,
    where: string,
    body: unknown,
    patienceMs: number,
  ): Promise<unknown> => {
    const response = await request(connection, method, where, body, patienceMs)
    const text = await response.text().catch((error: unknown) => {
      throw unreachable(url, error)
    })
    if (response.status === 204) return null
    const answer = parse(text)
    if (response.ok && answer !== undefined) return answer
    throw failureOf(response.status, answer, url)
  }

  const get: ApiClient['get'] = async (where, schema) =>
    checked(schema, await ask('GET', where, undefined, PATIENCE_MS), url)

  return {
    get,
    list: async (where, item, query = {}) => {
      const { Type } = await import('typebox')
      const page = Type.Object({
        items: Type.Array(item),
        nextOffset: Type.Union([Type.Integer(), Type.Null()]),
      })
      const items: Static<typeof item>[] = []
      for (let offset: number | null = 0; offset !== null && items.length < MAX_ITEMS;) {
        const found: Static<typeof page> = await get(
          `${where}?${parameters({ limit: PAGE, ...query, offset })}`,
          page,
        )
        items.push(...found.items)
        offset = found.nextOffset
      }
      return items
    },
    send: async (method, where, body, schema, patienceMs = PATIENCE_MS) =>
      checked(schema, await ask(method, where, body, patienceMs), url),
    remove: async (where) => void (await ask('DELETE', where, undefined, PATIENCE_MS)),
  }
}

const parameters = (query: Query): string => {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return new URLSearchParams(given).toString()
}

const request = async (
  { url, token }: Connection,
  method: string,
  where: string,
  body: unknown,
  patienceMs: number,
): Promise<Response> => {
  if (token === null) {
    throw new Failure(
      'unauthenticated',
      `no token for ${url}: give --token, set BUSBAR_TOKEN, or make one with ` +
        '`busbar token create --config FILE --label NAME --scope read`',
    )
  }
  try {
    return await fetch(`${url}${where}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (error) {
    throw unreachable(url, error)
  }
}

const unreachable = (url: string, error: unknown): Failure => {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  if (name === 'TimeoutError') {
    return new Failure('timeout', `${url} took too long to answer; try again, or look at its log`)
  }
  const why = cause?.code ?? cause?.message ?? message
  return new Failure(
    'unreachable',
    `nothing answers at ${url} (${why}): is \`busbar serve\` running there? Else give --url`,
  )
}

/** The answer, with nothing in its texts that could steer a terminal. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === 'string' ? withoutEscapes(value) : value,
    ) as unknown
  } catch {
    return undefined
  }
}

const isProblem = (answer: unknown): answer is ProblemDocument =>
  typeof answer === 'object' && answer !== null && 'code' in answer && 'detail' in answer

const failureOf = (status: number, answer: unknown, url: string): Failure => {
  if (!isProblem(answer)) {
    return new Failure('not-busbar', `${url} answered ${status} without a reason: is it Busbar?`)
  }
  const { code, title, detail, errors = [] } = answer
  const places = errors.slice(1).map((error) => `${error.pointer} ${error.detail}`)
  const hint = code === 'unauthenticated' ? '; the token that was shown does not count there' : ''
  const message = [detail === '' ? title : `${detail}${hint}`, ...places].join('\n')
  return new Failure(code, message, answer)
}

const ajv = new Ajv2020({ strict: false, validateFormats: false })

/** A newer Busbar may say more than this program knows of. */
const open = (schema: TSchema): object =>
  JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === 'additionalProperties' && value === false ? undefined : value,
    ),
  ) as object

const checked = <S extends TSchema>(schema: S, answer: unknown, url: string): Static<S> => {
  const validate = ajv.compile<Static<S>>(open(schema))
  if (validate(answer)) return answer
  const [error] = validate.errors ?? []
  const place = error ? `${error.instancePath} ${error.message}` : 'nothing fits'
  throw new Failure(
    'not-understood',
    `the answer of ${url} is not what this version expects (${place}): ` +
      'use the busbar command of the version that runs there',
  )
}
