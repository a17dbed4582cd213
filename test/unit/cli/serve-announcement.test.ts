import { describe, expect, test } from 'vitest'
import { announce, type Announcement } from '../../../src/cli/serve/announcement.ts'
import { awaitedBy } from '../../../src/cli/serve/awaited.ts'
import { chargingCapabilityW, demoCommands, demoLimitKw } from '../../../src/cli/serve/demo.ts'
import { parseConfig } from '../../../src/config/load.ts'

const plain = (_style: string, text: string): string => text

const REAL: Announcement = {
  version: '0.1.0',
  siteName: 'Depot',
  evses: 40,
  configFile: 'depot.yaml',
  apiUrl: 'https://busbar.example:8443',
  ocppUrls: ['ws://0.0.0.0:9000/ocpp', 'wss://host:9443/ocpp'],
  signals: [],
  storagePath: '/srv/busbar/site.sqlite',
  isStorageNew: false,
  world: null,
  awaits: [],
  token: null,
  needsToken: false,
  demo: null,
}

describe('the lines of the start', () => {
  test('of a real site name the addresses, and no secret', () => {
    expect(announce(REAL, plain).split('\n')).toEqual([
      '',
      'Busbar 0.1.0 runs Depot: 40 EVSEs, depot.yaml',
      '',
      '  Page      https://busbar.example:8443',
      '  API       https://busbar.example:8443/v1/site (described by https://busbar.example:8443/openapi.json)',
      '  Stations  ws://0.0.0.0:9000/ocpp/STATION',
      '  Stations  wss://host:9443/ocpp/STATION',
      '  Data      /srv/busbar/site.sqlite',
      '',
    ])
  })

  test('a path of / is said once', () => {
    const lines = announce({ ...REAL, ocppUrls: ['ws://host:9000/'] }, plain).split('\n')
    expect(lines).toContain('  Stations  ws://host:9000/STATION')
  })

  test('say how to get the first token', () => {
    expect(announce({ ...REAL, needsToken: true }, plain)).toContain(
      'npx busbar token create --config depot.yaml --label me --scope read,operate,admin',
    )
  })

  test('say what must come from elsewhere', () => {
    const real = announce({ ...REAL, awaits: ['a', 'b'] }, plain)
    expect(real).toContain('\n\nNothing is simulated. Busbar waits for\n  a\n  b\n')
    const partly = announce({ ...REAL, world: 'process 7', awaits: ['a'] }, plain)
    expect(partly).toContain('\n\nBusbar waits for\n  a\n')
  })

  test('of a demo have the token in the address of the page, and commands to paste', () => {
    const demo = {
      limitKw: 23,
      send: 'npx busbar event send',
      cancel: 'npx busbar event cancel',
      why: 'why CP1',
    }
    const lines = announce({ ...REAL, token: 'bsb_x', demo, world: 'process 7' }, plain).split('\n')
    expect(lines).toContain('  Page        https://busbar.example:8443/#token=bsb_x')
    expect(lines).toContain('  Simulation  process 7')
    expect(lines).toContain('  npx busbar event send')
    expect(lines).toContain('  npx busbar event cancel')
    expect(lines.join('\n')).toContain('23 kW for five minutes')
    expect(lines.join('\n')).toContain('plan, why CP1. ')
  })
})

const siteOf = (nodes: string, loads: string, stations: string) =>
  parseConfig(
    `
site: { id: s, timeZone: UTC, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: ${nodes}
loads: ${loads}
stationDefaults: { failsafeA: 0, securityProfile: 0 }
stations: ${stations}
`,
    'site.yaml',
    {},
  ).site

const STATION = (id: string, node: string, maxA: number): string =>
  `{ id: ${id}, node: ${node}, maxA: ${maxA} }`

describe('what charging can draw', () => {
  test.each([
    [
      'ratings, where nothing else binds',
      '[{ id: a, limitA: 100 }]',
      '[]',
      `[${STATION('X', 'a', 16)}, ${STATION('Y', 'a', 16)}]`,
      2 * 16 * 690,
    ],
    [
      'the limit without its margin and without what others take',
      '[{ id: a, limitA: 63, margin: 0.1 }]',
      '[{ id: h, node: a, kind: building, designA: 20 }]',
      `[${STATION('X', 'a', 32)}, ${STATION('Y', 'a', 32)}]`,
      (63 * 0.9 - 20) * 690,
    ],
    [
      'a feeder further down, and a limit in kilowatts',
      '[{ id: a, limitA: 100 }, { id: b, parent: a, limitA: 20, margin: 0 }, { id: c, parent: a, limitKw: 10, margin: 0 }]',
      '[]',
      `[${STATION('X', 'b', 32)}, ${STATION('Y', 'c', 32)}]`,
      20 * 690 + 10_000,
    ],
  ])('%s', (_what, nodes, loads, stations, wanted) => {
    expect(chargingCapabilityW(siteOf(nodes, loads, stations))).toBeCloseTo(wanted, 6)
  })

  test('half of it is the limit of the demo, at least 1 kW', () => {
    const stations = `[${STATION('X', 'a', 32)}]`
    expect(demoLimitKw(siteOf('[{ id: a, limitA: 100 }]', '[]', stations))).toBe(11)
    expect(demoLimitKw(siteOf('[{ id: a, limitA: 1 }]', '[]', stations))).toBe(1)
  })
})

describe('commands to paste', () => {
  const site = siteOf('[{ id: a, limitA: 100 }]', '[]', `[${STATION('X', 'a', 32)}]`)

  test('go to the broker of the utility, with what it needs and without a password', () => {
    const setting = { operator: 'dso', party: 'demo', prefix: 'grid/x' }
    const broker = { url: 'mqtt://127.0.0.1:18830', version: 4, username: 'u' } as const
    expect(demoCommands(site, 'demo-1', { setting, broker })).toEqual({
      limitKw: 11,
      send: 'npx busbar event send --id demo-1 --limit-kw 11 --minutes 5 --mqtt mqtt://127.0.0.1:18830 --mqtt-version 4 --username u --prefix grid/x --operator dso --party demo',
      why: 'why X',
      cancel:
        'npx busbar event cancel demo-1 --mqtt mqtt://127.0.0.1:18830 --mqtt-version 4 --username u --prefix grid/x --operator dso --party demo',
    })
  })

  test('go to the API where there is no utility', () => {
    expect(demoCommands(site, 'demo-1', null)).toMatchObject({
      send: 'npx busbar event send --id demo-1 --limit-kw 11 --minutes 5',
      cancel: 'npx busbar event cancel demo-1',
    })
  })
})

describe('what a site waits for', () => {
  const METER = 'kind: mqtt, broker: hub, topic: t, values: { powerW: { unit: W } }'
  const SERVED =
    `brokers: [{ id: hub, url: 'mqtt://user:secret@127.0.0.1:1884' }, { id: idle, url: 'mqtt://x' }]\n` +
    `opcua: [{ id: plc, url: 'opc.tcp://127.0.0.1:4841' }]\n` +
    `meters: [{ id: a, ${METER} }, { id: b, ${METER} }, { id: c, kind: opcua, server: plc, values: { powerW: { nodeId: 'ns=1;s=x', unit: W } } }]\n` +
    `signals: [{ id: grid, kind: mqtt, broker: hub, operator: dso, party: me }]\n`
  const waits = (more: string, knownCards = 1, stations = 1): readonly string[] => {
    const ids = Array.from({ length: stations }, (_, k) => STATION(`S${k + 1}`, 'a', 16))
    const text = `
site: { id: s, timeZone: UTC, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: [{ id: a, limitA: 400 }]
stationDefaults: { failsafeA: 0, securityProfile: 0 }
stations: [${ids.join(', ')}]
${more}`
    return awaitedBy(parseConfig(text, 'site.yaml', {}), knownCards)
  }

  test.each([
    [
      'a station',
      waits(''),
      ['station S1 at the address above, from this machine only (ocpp.host)'],
    ],
    [
      'stations from everywhere',
      waits('ocpp: { host: 0.0.0.0 }', 1, 6),
      ['6 stations (S1, S2, S3, S4, ...) at the address above'],
    ],
    [
      'cards, while nobody entered one',
      waits('simulation: {}', 0),
      ["drivers' cards: none is known, others are refused (idTokens, ocpp.unknownIdTokens)"],
    ],
    [
      'no cards, where any will do',
      waits('simulation: {}\nocpp: { unknownIdTokens: accept }', 0),
      [],
    ],
    [
      'brokers and servers that are used and not simulated, without their passwords',
      waits(`${SERVED}simulation: { brokerPort: 1885 }`),
      [
        'MQTT broker mqtt://127.0.0.1:1884: 2 meters (a, b), signal grid',
        'OPC UA server opc.tcp://127.0.0.1:4841: meter c',
      ],
    ],
    [
      'nothing that is simulated',
      waits(`${SERVED}simulation: { brokerPort: 1884, opcuaPort: 4841 }`),
      [],
    ],
  ])('%s', (_what, found, wanted) => {
    expect(found).toEqual(wanted)
  })
})
