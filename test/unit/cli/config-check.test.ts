import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'
import { run } from './terminal.ts'

const folder = temporaryFolder()
const GOOD = readFileSync('config/minimal.yaml', 'utf8')
const MQTT = "brokers: [{ id: hub, url: 'mqtts://hub'"
const METERS = 'meters: [{ id: main, kind: mqtt, broker: hub, topic: t'

/** A configuration that is well-formed, with more at its end; its last line is line `lines`. */
const lines = GOOD.trimEnd().split('\n').length
const check = (more: string, ...argv: string[]) => {
  const file = join(folder, 'site.yaml')
  writeFileSync(file, `${GOOD.trimEnd()}\n${more}\n`)
  return run(['config', 'check', file, ...argv])
}

writeFileSync(join(folder, 'text.pem'), 'no certificate')
writeFileSync(join(folder, 'broken-tariff.yaml'), 'id: x\n')

test.each([
  [
    'a certificate that is not there',
    `${MQTT}, caFile: ca.pem }]`,
    '1:50 brokers/0/caFile names a file that cannot be read: ENOENT',
  ],
  [
    'a certificate that is none',
    `${MQTT}, certFile: text.pem, keyFile: text.pem }]`,
    '1:11 brokers/0 ',
  ],
  [
    'a key of the API',
    'api: { tls: { certFile: text.pem, keyFile: key.pem } }',
    '1:44 api/tls/keyFile names a file that cannot be read',
  ],
  [
    'a root of the stations',
    'ocpp: { tls: { port: 1, certFile: text.pem, keyFile: text.pem, clientCaFile: x } }',
    '1:78 ocpp/tls/clientCaFile names a file',
  ],
  [
    'a tariff that nobody knows',
    'prices: [{ id: p, kind: tariff, tariff: nl-nowhere }]',
    '1:41 prices/0/tariff "nl-nowhere" is no tariff: ',
  ],
  [
    'a pointer',
    `${MQTT} }]\n${METERS}, values: { powerW: { unit: W, pointer: a } } }]`,
    '2:95 meters/0/values/powerW/pointer "a" is not a JSON pointer',
  ],
  [
    'a node id',
    "opcua: [{ id: o, url: 'opc.tcp://plc:4840' }]\n" +
      'meters: [{ id: m, kind: opcua, server: o, values: { powerW: { nodeId: P, unit: W } } }]',
    '2:71 meters/0/values/powerW/nodeId "P" is no OPC UA node id; write it like',
  ],
  [
    'a formula',
    "meters: [{ id: sum, kind: virtual, formulas: { powerW: 'main.powerW +' } }]",
    '1:56 meters/0/formulas/powerW "main.powerW +": Unexpected end',
  ],
])('%s is told with its place', async (_, more, expected) => {
  const [line, column] = expected.split(/[: ]/, 2).map(Number)
  const place = `${join(folder, 'site.yaml')}:${lines + line}:${column} `
  const { code, out, err } = await check(more)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(`${place}${expected.slice(expected.indexOf(' ') + 1)}`)
  const json = JSON.parse((await check(more, '--json')).out) as { files: { problems: object[] }[] }
  expect(json.files[0].problems).toMatchObject([{ line: lines + line, column }])
})

test('a tariff of its own is told by its own places', async () => {
  const { code, err } = await check('prices: [{ id: p, kind: tariff, tariff: broken-tariff.yaml }]')
  expect(code).toBe(1)
  expect(err.split('\n')[0]).toMatch(/\/broken-tariff\.yaml:1:1 "name" is missing/)
})

/** A site whose grid connection is `root`. */
const rooted = (root: string, ...argv: string[]) => {
  const file = join(folder, 'root.yaml')
  const text = GOOD.replace('  - { id: connection, limitA: 35 }', `  - ${root}`)
  writeFileSync(file, text)
  const line = text.split('\n').findIndex((found) => found.includes(root)) + 1
  return { place: `${file}:${line}:5`, ran: run(['config', 'check', file, ...argv]) }
}

test('a grid connection without any limit is warned of, with place and remedy', async () => {
  const { place, ran } = rooted('{ id: connection }')
  const { code, out, err } = await ran
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/root\.yaml: ok, 1 node, /) })
  expect(err).toMatch(
    /^warning: .* nodes\/0 \(connection\) .* has no limit: .*; set limitA .*limitKw/,
  )
  expect(err).toContain(`warning: ${place} `)
  const json = JSON.parse((await rooted('{ id: connection }', '--json').ran).out) as object
  expect(json).toMatchObject({
    ok: true,
    files: [{ ok: true, warnings: [{ path: 'nodes/0', column: 5 }] }],
  })
})

test.each(['{ id: connection, limitA: 35 }', '{ id: connection, limitKw: 24 }'])(
  '%s needs no warning',
  async (root) => {
    expect(await rooted(root).ran).toMatchObject({ code: 0, err: '' })
  },
)

test('of very many problems the first ones are told, and all with --json', async () => {
  const file = join(folder, 'many.yaml')
  const stations = Array.from(
    { length: 10_000 },
    (_, k) => `  - { id: S${k}, node: 'no', password: password-1 }`,
  )
  writeFileSync(
    file,
    `${GOOD.slice(0, GOOD.indexOf('stations:'))}stations:\n${stations.join('\n')}\n`,
  )
  const told = (await run(['config', 'check', file])).err.split('\n')
  expect(told).toHaveLength(51)
  expect(told[0]).toMatch(/ stations\/0\/node names node "no"/)
  expect(told[49]).toMatch(/ stations\/49\/node names node "no"/)
  expect(told[50]).toBe(`${file}: and 9950 more problems; \`busbar config check --json\` lists all`)
  const { files } = JSON.parse((await run(['config', 'check', file, '--json'])).out) as {
    files: { problems: object[] }[]
  }
  expect(files[0].problems).toHaveLength(10_000)
})
