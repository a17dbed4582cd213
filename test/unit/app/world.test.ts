import { expect, test } from 'vitest'
import { liveSettingsOf, simulationOf } from '../../../src/app/world.ts'
import { parseConfig } from '../../../src/config/load.ts'

const { config } = parseConfig(
  `
site: { id: s, timeZone: UTC, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: [{ id: a, limitA: 63 }]
stations: [{ id: X, node: a, securityProfile: 0, protocols: [ocpp2.0.1, ocpp1.6] }]
idTokens: [{ idToken: ANN }]
simulation: { date: 2026-03-17, timeOfDay: '06:00', seed: 3 }
`,
  'site.yaml',
  {},
)

const SHARED = { idTokens: ['ANN'], seed: 3, stations: { X: { protocol: 'ocpp2.0.1' } } }

test('a run in virtual time begins when it is told', () => {
  expect(simulationOf(config)).toEqual({ ...SHARED, date: '2026-03-17', timeOfDay: '06:00' })
})

test('a live world begins now: its hour is that of prices and plans', () => {
  expect(liveSettingsOf(config)).toEqual(SHARED)
})
