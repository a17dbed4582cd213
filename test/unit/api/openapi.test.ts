import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import prettier from 'prettier'
import { beforeAll, expect, test } from 'vitest'
import type { OpenApiDocument } from '../../../src/api/openapi.ts'
import { referenceOf } from '../../../src/api/reference.ts'
import { buildServer } from '../../../src/api/server.ts'
import { createStreamHub } from '../../../src/api/stream/hub.ts'
import { createWords } from '../../../src/api/words.ts'
import { createBench, type Bench } from './bench.ts'

let bench: Bench
let document: OpenApiDocument

beforeAll(async () => {
  bench = await createBench()
  document = (await bench.api.inject({ url: '/openapi.json' })).json()
})

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

const everyObject = (value: unknown, visit: (object: Record<string, unknown>) => void): void => {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) visit(value as Record<string, unknown>)
  for (const held of Object.values(value)) everyObject(held, visit)
}

test('it is an OpenAPI 3.1 document of this version', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(document.info).toMatchObject({ title: 'Busbar', version: '0.1.0' })
})

/** Every route that the server has, in the spelling of the document. */
const routesOf = async ({ deps }: Bench): Promise<string[]> => {
  const words = createWords(deps.site)
  const server = buildServer(deps, createStreamHub(deps, words), words)
  const routes: string[] = []
  server.addHook('onRoute', ({ method, url }) => {
    routes.push(`${String(method)} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
  })
  await server.ready()
  await server.close()
  return routes
}

test('every route is in it, and nothing else', async () => {
  const documented = operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`)
  const hidden = ['GET /', 'GET /metrics', 'GET /openapi.json']
  const routes = [...documented, ...hidden]
  // Whatever can be read can be asked for without its body.
  const heads = routes
    .filter((route) => route.startsWith('GET '))
    .map((route) => `HEAD${route.slice(3)}`)
  expect([...routes, ...heads].sort()).toEqual((await routesOf(bench)).sort())
  expect(documented.filter((route) => route.includes(' /v1/')).length).toBeGreaterThan(40)
})

test('operations have unique ids, a known tag, a summary, and every parameter of their path', () => {
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const tags = new Set(document.tags.map(({ name }) => name))
  for (const { path, operation } of operations()) {
    expect(operation.summary, path).toBeTruthy()
    expect(operation.tags, path).toHaveLength(1)
    expect(tags, path).toContain(operation.tags[0])
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
    expect(
      declared.map(({ name }) => name),
      path,
    ).toEqual(inPath)
    expect(
      declared.every(({ required }) => required === true),
      path,
    ).toBe(true)
  }
})

test('no query parameter is required unless it has to be', () => {
  const required = operations().flatMap(({ path, operation }) =>
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in !== 'path' && parameter.required)
      .map(({ name }) => `${path} ${name}`),
  )
  expect(required).toEqual([])
})

test('every reference leads somewhere, and every schema is JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } })
  ajv.addSchema({ $id: 'https://busbar/openapi', ...document }, undefined, false, false)
  const names = Object.keys(document.components.schemas)
  expect(names.length).toBeGreaterThan(40)
  for (const name of names) {
    expect(ajv.validateSchema(document.components.schemas[name]), name).toBe(true)
    ajv.compile({ $ref: `https://busbar/openapi#/components/schemas/${name}` })
  }
  everyObject(document.paths, ({ $ref }) => {
    if (typeof $ref !== 'string') return
    expect(names).toContain($ref.replace('#/components/schemas/', ''))
  })
})

test('operations under /v1 need a token, and say which problems they may answer with', () => {
  for (const { path, method, operation } of operations()) {
    if (!path.startsWith('/v1/')) continue
    expect(operation.security, path).toHaveLength(1)
    for (const status of ['401', '429', '500']) {
      expect(operation.responses[status]?.content, `${path} ${status}`).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      })
    }
    // Whatever is sent along is read, or refused, also where none is wanted.
    const fromBody = method === 'get' ? [] : ['400', '413', '415']
    const fromSchema = operation.requestBody ? ['422'] : []
    expect(Object.keys(operation.responses), path).toEqual(
      expect.arrayContaining([...fromBody, ...fromSchema]),
    )
  }
})

test('docs/reference/api.md is made from it (UPDATE_GOLDEN=1 writes it anew)', async () => {
  const path = join(import.meta.dirname, '../../../docs/reference/api.md')
  const options = await prettier.resolveConfig(path)
  const made = await prettier.format(referenceOf(document), { ...options, parser: 'markdown' })
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, made)
  expect(readFileSync(path, 'utf8')).toBe(made)
})
