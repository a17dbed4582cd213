import { expect, test } from 'vitest'
import { signalClientId } from '../../../src/app/signals.ts'
import { parseConfig } from '../../../src/config/load.ts'

const names = (broker: string, ...signals: string[]): string[] => {
  const loaded = parseConfig(
    `
site: { id: a, timeZone: Europe/Berlin, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: [{ id: connection, limitA: 63 }]
stations: [{ id: CP1, node: connection, password: password-1 }]
brokers:
  - { id: b, url: 'mqtt://127.0.0.1'${broker} }
  - { id: other, url: 'mqtt://127.0.0.2', clientId: elsewhere }
signals:
${signals.map((id) => `  - { id: ${id}, kind: mqtt, broker: b, operator: o, party: a }`).join('\n')}
  - { id: third, kind: mqtt, broker: other, operator: third, party: a }
`,
    'site.yaml',
    {},
  )
  return loaded.config.signals!.map((signal) => signalClientId(loaded, signal))
}

test('two sources on one broker never bear one name: the broker would end one for the other', () => {
  expect(names(', clientId: ours', 'dso', 'agg')).toEqual(['ours-dso', 'ours-agg', 'elsewhere'])
  expect(names('', 'dso', 'agg')).toEqual(['busbar-a-dso', 'busbar-a-agg', 'elsewhere'])
})

test('a source that has the broker for itself bears the configured name', () => {
  expect(names(', clientId: ours', 'dso')).toEqual(['ours', 'elsewhere'])
})

test.each([
  ['api', '', 'signals/0/id "api" is the authority of the events that are made here'],
  ['dso', ', prefix: /gs', 'signals/0/prefix '],
  ['dso', ", prefix: 'gs/#'", 'signals/0/prefix '],
])('what the topics and the book of events cannot take is told: %s%s', (id, more, message) => {
  expect(() => names('', `${id}${more}`)).toThrow(message)
})
