import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig, parseConfig } from '../../../src/config/load.ts'
import { CONFIG } from '../../../src/config/schema.ts'

const GOOD = `site:
  id: test
  timeZone: Europe/Amsterdam
  currency: EUR
  supply: { kind: three-phase, voltageV: 230 }
nodes:
  - { id: connection, limitA: 63 }
  - { id: panel, parent: connection, limitA: [32, 32, 40], limitKw: 20 }
loads:
  - { id: house, node: connection, kind: building, designA: 16 }
stations:
  - { id: CP1, node: panel, password: secret-1 }
  - id: CP2
    node: panel
    securityProfile: 0
    maxA: 16
    evses: [{ id: 1, wiring: L2 }, { id: 2, wiring: L3, failsafeA: 8 }]
brokers:
  - { id: hub, url: 'mqtt://localhost' }
meters:
  - { id: main, kind: mqtt, broker: hub, topic: t, values: { powerW: { unit: W } } }
`

const messageOf = (text: string, environment: Record<string, string> = {}): string => {
  try {
    parseConfig(text, 'site.yaml', environment)
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('a valid configuration becomes a site', () => {
  const { site } = parseConfig(GOOD, 'site.yaml', {})

  test('with parents before children and defaults filled in', () => {
    expect(site.nodes.map((node) => [node.id, node.parentId, node.limitA, node.limitW])).toEqual([
      ['connection', null, [63, 63, 63], null],
      ['panel', 'connection', [32, 32, 40], 20_000],
    ])
    expect(site.evses.map((e) => [e.key, e.wiring, e.maxA, e.minA, e.failsafeA])).toEqual([
      ['CP1/1', 'L1L2L3', 32, 6, 6],
      ['CP2/1', 'L2', 16, 6, 6],
      ['CP2/2', 'L3', 16, 6, 8],
    ])
  })

  test('whatever the order of the nodes', () => {
    const swapped = GOOD.replace('  - { id: connection, limitA: 63 }\n', '').replace(
      'loads:',
      '  - { id: connection, limitA: 63 }\nloads:',
    )
    expect(parseConfig(swapped, 'x', {}).site.nodes.map((node) => node.id)).toEqual([
      'connection',
      'panel',
    ])
  })
})

describe('what is wrong is said with place and remedy', () => {
  const broken: [string, string, string, string][] = [
    [
      'an unknown key',
      'limitA: 63 }',
      'limitAmps: 63 }',
      'site.yaml:7:23 nodes/0/limitAmps is not a setting; did you mean "limitA"?',
    ],
    [
      'a missing key',
      '  timeZone: Europe/Amsterdam\n',
      '',
      'site.yaml:2:3 site/timeZone is missing; add it',
    ],
    [
      'a value out of range',
      'limitA: 63 }',
      'limitA: 63, margin: 0.9 }',
      'site.yaml:7:43 nodes/0/margin must be at most 0.5, not 0.9 (part of the limit never given out)',
    ],
    [
      'a wrong type',
      'voltageV: 230',
      'voltageV: high',
      'site.yaml:5:42 site/supply/voltageV must be a number, not "high" (nominal, line to neutral: 230 in Europe, 120 in North America)',
    ],
    [
      'a value of no list',
      'wiring: L2 }',
      'wiring: L4 }',
      'site.yaml:17:30 stations/1/evses/0/wiring must be one of L1, L2, L3, L1L2, L2L3, L3L1, L1L2L3, L2L3L1, L3L1L2, L1L3L2, L3L2L1, L2L1L3, not "L4"; did you mean "L1"?',
    ],
    [
      'an unknown kind',
      'kind: mqtt',
      'kind: mqqt',
      'site.yaml:21:23 meters/0/kind must be one of mqtt, opcua, virtual, station',
    ],
    [
      'a name that points nowhere',
      'node: panel, password',
      'node: pannel, password',
      'site.yaml:12:22 stations/0/node names node "pannel", which is not there; did you mean "panel"?',
    ],
    [
      'a name used twice',
      '- id: CP2',
      '- id: CP1',
      'site.yaml:13:9 stations/1/id "CP1" is already the id of stations/0; choose another',
    ],
    [
      'no grid connection',
      '{ id: connection, limitA: 63 }',
      '{ id: connection, parent: panel, limitA: 63 }',
      'site.yaml:7:3 nodes has no grid connection; exactly one node must have no parent',
    ],
    [
      'a time zone that does not exist',
      'Europe/Amsterdam',
      'Europe/Atlantis',
      'site.yaml:3:13 site/timeZone "Europe/Atlantis" is not a time zone; use an IANA name like Europe/Paris',
    ],
    [
      'failsafes that do not fit a node',
      '[32, 32, 40]',
      '[32, 32, 12]',
      'site.yaml:8:5 nodes/1 (panel) cannot carry its failsafes: on L3 they add up to 14 A plus 0 A design load, 2 A above its limit of 12 A; lower failsafeA (0 = pause when Busbar is silent) or designA',
    ],
    [
      'failsafes that do not fit a power limit',
      'limitKw: 20',
      'limitKw: 5',
      'site.yaml:8:5 nodes/1 (panel) cannot carry its failsafes: 7.4 kW plus 0 kW design load is 2.4 kW above its limit; lower failsafeA or designA',
    ],
    [
      'a failsafe that no charger can offer',
      'failsafeA: 8',
      'failsafeA: 4',
      'site.yaml:13:5 stations/1 (CP2/2) has failsafeA 4 below minA 6, which no charger can offer; use 0 or at least 6',
    ],
    [
      'a secret that is not set',
      'secret-1',
      '"${CP1_PASSWORD}"',
      'site.yaml:12:39 environment variable CP1_PASSWORD is not set; set it or CP1_PASSWORD_FILE',
    ],
    [
      'a station without a password',
      ', password: secret-1',
      '',
      'site.yaml:12:5 stations/0 (CP1) has no password; set password or passwordHash, or securityProfile 0 to let anybody be this station',
    ],
    [
      'broken YAML',
      'currency: EUR',
      'currency: [EUR',
      'site.yaml:5:3 Flow sequence in block collection must be sufficiently indented and end with a ]; look at brackets, quotes and indentation here and above',
    ],
    [
      'a tab',
      '  id: test',
      '\tid: test',
      'site.yaml:2:1 this line is indented with a tab; use blanks',
    ],
    [
      'a setting that stands twice',
      'currency: EUR',
      'currency: EUR\n  currency: USD',
      'site.yaml:5:3 "currency" stands here a second time; remove one of the two',
    ],
    [
      'a colon that is missing',
      'currency: EUR',
      'currency EUR',
      'site.yaml:4:3 "currency" has no colon behind it; write a setting as name: value',
    ],
    [
      'a line that is indented too far',
      '  timeZone',
      '   timeZone',
      'site.yaml:2:7 the next line is indented further than this one; settings of one group begin in one column',
    ],
    [
      'a reference without quotes',
      'secret-1',
      '${CP1_PASSWORD}',
      'site.yaml:12:40 a reference to the environment must stand in quotes here, like "${NAME}"',
    ],
    [
      'an alias of nothing',
      'secret-1',
      '*password',
      'site.yaml:12:39 there is no &password above; a text that begins with * needs quotes',
    ],
    [
      'two documents',
      'site:',
      '---\nsite: {}\n---\nsite:',
      'site.yaml:3:1 a second document begins here; remove the line ---',
    ],
    [
      'a value that is missing',
      'limitA: 63 }',
      'limitA: }',
      'site.yaml:7:31 nodes/0/limitA is empty; give it a value, or remove it (amperes per phase: one number for all three, or [L1, L2, L3])',
    ],
    [
      'settings where a list should be',
      'loads:\n  - { id',
      'loads:\n  { id',
      'site.yaml:10:3 loads must be a list, each entry after a dash, not {"id":"house","node":"connection","kind":"building","designA...',
    ],
    [
      'a number where a text should be',
      'id: connection, limitA',
      'id: 1, limitA',
      'site.yaml:7:11 nodes/0/id must be a text (in quotes, where it looks like a number), not 1 (1 to 64 letters, digits, _ . -)',
    ],
    [
      'a name with a blank',
      'id: panel, parent',
      'id: panel 1, parent',
      'site.yaml:8:11 nodes/1/id has a form that is not allowed: "panel 1" (1 to 64 letters, digits, _ . -)',
    ],
    [
      'a limit below zero',
      'limitA: 63 }',
      'limitA: -5 }',
      'site.yaml:7:31 nodes/0/limitA must be at least 0, not -5 (amperes per phase: one number for all three, or [L1, L2, L3])',
    ],
    [
      'a limit of two phases',
      '[32, 32, 40]',
      '[32, 32]',
      'site.yaml:8:46 nodes/1/limitA must have at least 3 entries (amperes per phase: one number for all three, or [L1, L2, L3])',
    ],
    [
      'a limit below zero on one phase',
      '[32, 32, 40]',
      '[32, -1, 40]',
      'site.yaml:8:51 nodes/1/limitA/1 must be at least 0, not -1 (amperes per phase: one number for all three, or [L1, L2, L3])',
    ],
    [
      'a limit with its unit',
      'limitA: 63 }',
      'limitA: 63 A }',
      'site.yaml:7:31 nodes/0/limitA does not have an allowed form: "63 A" (amperes per phase: one number for all three, or [L1, L2, L3])',
    ],
    [
      'a limit that is no number',
      'limitA: 63 }',
      'limitA: .nan }',
      'site.yaml:7:31 nodes/0/limitA must be at most 10000, not NaN (amperes per phase: one number for all three, or [L1, L2, L3])',
    ],
    [
      'a comma in a number',
      'limitKw: 20',
      'limitKw: 20,5',
      'site.yaml:8:72 nodes/1/5 is not a setting here; known are id, name, parent, limitA, limitKw, meter, margin, thermal',
    ],
    [
      'a reference to the environment that is misspelt',
      'secret-1',
      '"${CP1-PASSWORD}"',
      'site.yaml:12:39 "${CP1-PASSWORD}" is no reference to the environment; write "${NAME}" or "${NAME:-default}", with letters, digits and _',
    ],
    [
      'a reference that does not end',
      'secret-1',
      '"${CP1_PASSWORD"',
      'site.yaml:12:39 "${CP1_PASSWORD" is no reference to the environment; write "${NAME}" or "${NAME:-default}", with letters, digits and _',
    ],
    [
      'a reference in a default',
      'secret-1',
      '"${CP1_PASSWORD:-${OTHER}}"',
      'site.yaml:12:39 "${CP1_PASSWORD:-${OTHER}" is no reference to the environment; write "${NAME}" or "${NAME:-default}", with letters, digits and _',
    ],
    [
      'a tag of another program',
      'secret-1',
      '!secret cp1',
      'site.yaml:12:39 !secret means nothing here; secrets are written "${NAME}", a text that begins with ! needs quotes',
    ],
    [
      'a list that contains itself',
      'loads:',
      'levels: &levels [*levels]\nloads:',
      'site.yaml:9:18 *levels stands in &levels itself; write out what it should be',
    ],
    [
      'a hash that is none',
      'password: secret-1',
      'passwordHash: $scrypt$secret-1',
      'site.yaml:12:43 stations/0/passwordHash has a form that is not allowed: what is there (as busbar token hash prints it)',
    ],
    [
      'TLS for a station without a listener for it',
      'password: secret-1',
      'password: secret-1, securityProfile: 2',
      'site.yaml:12:5 stations/0 (CP1) has securityProfile 2, which needs TLS; set ocpp.tls, or securityProfile 1',
    ],
    [
      'a certificate that nobody asks for',
      'loads:',
      'stationDefaults: { securityProfile: 3 }\nocpp: { tls: { port: 1, certFile: c, keyFile: k } }\nloads:',
      'site.yaml:14:5 stations/0 (CP1) has securityProfile 3, which needs client certificates; set ocpp.tls.clientCaFile, or securityProfile 2',
    ],
    [
      'a name of the utility for nothing here',
      'loads:',
      'signals: [{ id: dso, kind: mqtt, broker: hub, operator: o, party: p, aliases: { north: [panel, CP2/3] } }]\nloads:',
      'site.yaml:9:96 signals/0/aliases/north/1 names target "CP2/3", which is not there; did you mean "CP2/1"?',
    ],
    [
      'readings of a meter that is not there',
      'loads:',
      'signals: [{ id: dso, kind: mqtt, broker: hub, operator: o, party: p, readings: [grid] }]\nloads:',
      'site.yaml:9:81 signals/0/readings/0 names meter "grid", which is not there; known are main',
    ],
    [
      'a list of holidays that is none',
      'currency: EUR',
      'currency: EUR\n  holidays: us-fedral',
      'site.yaml:5:13 site/holidays must be one of us-federal, us-nerc, us-california, gb-england, de, se, no, fr, es, be, au-qld, not "us-fedral"; did you mean "us-federal"?',
    ],
  ]
  test.each(broken)('%s', (_, from, to, message) => {
    expect(GOOD).toContain(from)
    expect(messageOf(GOOD.replace(from, to))).toBe(message)
  })

  test('several at once, in the order of the file', () => {
    const text = GOOD.replace('limitA: 63', 'limitA: -1').replace('unit: W', 'unit: watt')
    expect(messageOf(text).split('\n')).toHaveLength(2)
  })

  test.each([
    ['', 'site.yaml:1:1 the file is empty; describe a site, its nodes and its stations'],
    ['hello', 'site.yaml:1:1 must be settings with their names, not "hello"'],
  ])('a file with nothing in it: "%s"', (text, message) => {
    expect(messageOf(text)).toBe(message)
  })

  test('aliases that would blow the file up', () => {
    const ten = (name: string): string => `[${Array(10).fill(`*${name}`).join(', ')}]`
    const text = `a: &a [1]\nb: &b ${ten('a')}\nc: &c ${ten('b')}\nd: ${ten('c')}\n`
    expect(messageOf(text)).toBe(
      'site.yaml:1:1 the aliases (*name) stand for too much; write out what they should be',
    )
  })

  test('whatever must have a form says which', () => {
    const formless: string[] = []
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return
      if ('pattern' in schema && !('description' in schema)) formless.push(path)
      for (const [key, value] of Object.entries(schema)) walk(value, `${path}/${key}`)
    }
    walk(CONFIG, '')
    expect(formless).toEqual([])
  })

  test('a file that is not there', () => {
    expect(() => loadConfig('/no/such.yaml')).toThrow(/such\.yaml: cannot be read/)
  })

  test('a file in another encoding', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'busbar-')), 'site.yaml')
    const named = GOOD.replace('id: CP1', 'id: Säule')
    writeFileSync(file, named, 'latin1')
    expect(() => loadConfig(file, {})).toThrow(`${file}: is not text in UTF-8; save it as UTF-8`)
    writeFileSync(file, `\ufeff${named}`)
    expect(loadConfig(file, {}).site.evses[0].stationId).toBe('Säule')
  })
})

describe('secrets', () => {
  const text = GOOD.replace('secret-1', '"${CP1_PASSWORD:-fallback-1}"')
  const passwordOf = (environment: Record<string, string>) =>
    parseConfig(text, 'x', environment).config.stations[0].password

  test('come from the environment, from a file, or from the default', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'busbar-')), 'password')
    writeFileSync(file, 'from-a-file\n')
    expect(passwordOf({ CP1_PASSWORD: 'from-env-1' })).toBe('from-env-1')
    expect(passwordOf({ CP1_PASSWORD_FILE: file })).toBe('from-a-file')
    expect(passwordOf({})).toBe('fallback-1')
  })

  test('are never repeated in an error', () => {
    const message = messageOf(GOOD.replace('secret-1', '"${CP1_PASSWORD}"'), {
      CP1_PASSWORD: 'short',
    })
    expect(message).toContain('stations/0/password')
    expect(message).not.toContain('short')
    const number = messageOf(GOOD.replace('secret-1', '12345678'))
    expect(number).toContain('stations/0/password must be a text')
    expect(number).not.toContain('1234')
    const list = messageOf(GOOD.replace('loads:', 'loads: { password: secret-1 }\nx:'))
    expect(list).toContain('loads must be a list')
    expect(list).not.toContain('secret-1')
    const url = messageOf(GOOD.replace('mqtt://localhost', 'http://me:secret-1@localhost'))
    expect(url).toContain('brokers/0/url has a form that is not allowed')
    expect(url).not.toContain('secret-1')
  })
})

test.each(['minimal', 'demo', 'depot', 'office-us'])('config/%s.yaml is valid', (name) => {
  const loaded = loadConfig(`config/${name}.yaml`, {})
  expect(loaded.site.evses.length).toBe({ minimal: 2, demo: 12, depot: 40, 'office-us': 16 }[name])
})

describe('phase switching', () => {
  const withSetting = (setting: string): string =>
    GOOD.replace('{ id: CP1, node: panel,', `{ id: CP1, node: panel, ${setting},`)

  test('is for those that ask for it, on the first phase of their wiring', () => {
    const lineOf = (setting: string) =>
      parseConfig(withSetting(setting), 'x', {}).site.evses[0].phaseSwitch
    expect(lineOf('priority: 1')).toBeUndefined()
    expect(lineOf('phaseSwitching: false')).toBeUndefined()
    expect(lineOf('phaseSwitching: true')).toEqual({ line: 0 })
    expect(lineOf('phaseSwitching: true, wiring: L3L1L2')).toEqual({ line: 2 })
    expect(lineOf('phaseSwitching: true, phaseSwitchPhase: L2')).toEqual({ line: 1 })
  })

  test.each([
    ['wiring: L2', 'wired to L2'],
    ['current: DC', 'DC'],
  ])('needs three phases: %s', (setting, what) => {
    expect(messageOf(withSetting(`phaseSwitching: true, ${setting}`))).toContain(
      `(CP1/1) has phaseSwitching but is ${what}; only an AC EVSE on three phases can use one of them, so set phaseSwitching: false`,
    )
  })
})
