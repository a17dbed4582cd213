import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../src/config/load.ts'

const text = (more: string, { volts = 230, node = 'limitA: 63' } = {}): string => `
site: { id: s, timeZone: UTC, currency: EUR, supply: { kind: three-phase, voltageV: ${volts} } }
nodes: [{ id: main, ${node} }]
${more}
`
const STATIONS = 'stations: [{ id: A, node: main, password: password-a }, { id: B, node: main, password: password-b }]' // prettier-ignore
const DEFAULTS = 'stations: [{ id: A, node: main }, { id: B, node: main }]\nstationDefaults: { password: change-me-01 }' // prettier-ignore

const warned = (document: string): string[] =>
  parseConfig(document, 'site.yaml', {}).warnings.map(({ path, message }) => `${path} ${message}`)

test('a plain site is not warned of', () => {
  expect(warned(text(STATIONS))).toEqual([])
})

describe('what passes and is hardly meant is told', () => {
  test.each([
    ['a building that counts as nothing', 'loads: [{ id: house, node: main, kind: building }]', /^loads\/0 .*counts as 0 A; set designA/],
    ['one port for two', 'api: { port: 9000 }', /^api\/port is 9000, which ocpp uses too/],
    ['a price file that is not there', 'prices: [{ id: p, kind: file, file: ./no.csv }]', /^prices\/0\/file names \.\/no\.csv, which is not there/],
    ['an open API', 'api: { host: 0.0.0.0 }', /^api\/host opens the API to the network without TLS/],
    ['open metrics', 'api: { host: 0.0.0.0, openMetrics: true }', /^api\/openMetrics shows the metrics/],
    ['an open central system', 'ocpp: { host: 0.0.0.0 }', /^ocpp\/host opens OCPP to the network without TLS/],
    ['events that can be forged', 'brokers: [{ id: b, url: mqtt://broker.example }]\nsignals: [{ id: dso, kind: mqtt, broker: b, operator: o, party: p }]', /^brokers\/0\/url is without TLS: grid events can be forged/],
    ['a password that can be read', 'opcua: [{ id: o, url: opc.tcp://plc:4840, securityMode: None, identity: { username: u, password: p } }]', /^opcua\/0\/securityMode is None, so the password can be read/],
  ])('%s', (_what, more, message) => {
    const found = warned(text(`${STATIONS}\n${more}`))
    expect(found.filter((line) => message.test(line))).toHaveLength(1)
    expect(found.filter((line) => /password-a|password: p/.test(line))).toEqual([])
  }) // prettier-ignore

  test('one weak password for all, where others can reach it', () => {
    const found = warned(text(`${DEFAULTS}\nocpp: { host: 0.0.0.0 }`))
    expect(found).toContainEqual(expect.stringMatching(/^stationDefaults\/password is shared by 2/))
    expect(found).toContainEqual(
      expect.stringMatching(/^stations\/0 \(A\) has the password of the/),
    )
    expect(found.join()).not.toContain('change-me')
    expect(warned(text(DEFAULTS))).toEqual([])
  })

  test('a meter that is all that shows other load', () => {
    const meter = 'meters: [{ id: grid, kind: mqtt, broker: b, topic: t, values: { powerW: { unit: W } } }]\nbrokers: [{ id: b, url: mqtt://127.0.0.1 }]' // prettier-ignore
    const found = warned(text(`${STATIONS}\n${meter}`, { node: 'limitA: 63, meter: grid' }))
    expect(found).toEqual([expect.stringMatching(/^nodes\/0\/meter \(grid\) is all that shows/)])
  })
})

test('a voltage from line to line is named beside the design that it breaks', () => {
  const wrong = text('stations: [{ id: A, node: main, password: password-a, failsafeA: 6 }, { id: B, node: main, password: password-b, failsafeA: 6 }]', { volts: 400, node: 'limitKw: 10' }) // prettier-ignore
  expect(() => parseConfig(wrong, 'site.yaml', {})).toThrow(
    /supply\/voltageV is 400, which looks like line to line; it is line to neutral: set 230[^]*cannot carry its failsafes/,
  )
  expect(warned(text(STATIONS, { volts: 400 }))).toHaveLength(1)
  expect(warned(text(STATIONS, { volts: 240 }))).toEqual([])
})
