import { expect, test } from 'vitest'
import { simulateSite } from '../../src/app/virtual.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { VirtualResult } from '../../src/sim/virtual/measures.ts'
import { silent } from './silent-log.ts'

/** Every other hour the building leaves two chargers 2 to 4 kW, the other hours plenty. */
const configOf = (phaseSwitching: boolean, faults: string): string => `
site:
  id: test
  timeZone: Europe/Berlin
  currency: EUR
  supply: { kind: three-phase, voltageV: 230 }
nodes:
  - { id: connection, limitKw: 15 }
loads:
  - { id: workshop, node: connection, kind: building, meter: workshop, designA: 16 }
meters:
  - { id: workshop, kind: mqtt, broker: hub, topic: t, values: { powerW: { unit: W } } }
brokers:
  - { id: hub, url: 'mqtt://localhost' }
stationDefaults: { securityProfile: 0, failsafeA: 0, phaseSwitching: ${phaseSwitching} }
stations:
  - { id: CP1, node: connection }
  - { id: CP2, node: connection, wiring: L2L3L1 }
simulation:
  place: workplace
  timeOfDay: '06:00'
  vehiclesPerDay: 6
  initialVehicles: 2
  mix: { sedan-11: 1 }
  loads:
    workshop:
      baseW: 1000
      peakW: 11000
      noise: 0
      shape: [${Array.from({ length: 24 }, (_, hour) => hour % 2).join(', ')}]
  stations: { '*': { faults: ${faults} } }
`

const day = (phaseSwitching: boolean, faults = '{}'): Promise<VirtualResult> =>
  simulateSite(
    parseConfig(configOf(phaseSwitching, faults), 'x', {}),
    { hours: 6, seed: 3 },
    silent,
  )

test('a day with a workshop: more energy, never above the limit', async () => {
  const without = await day(false)
  const withIt = await day(true)
  expect(withIt.secondsAboveLimit).toBe(0)
  expect(withIt.sessions.arrived).toBe(without.sessions.arrived)
  expect(withIt.energyKwh).toBeGreaterThan(1.05 * without.energyKwh)
})

test.each([
  ['ignore one phase', '{ ignoresPhases: true }'],
  ['refuse one phase', '{ refusesOnePhase: true }'],
])('stations that %s stay below the limit', async (_, faults) => {
  const result = await day(true, faults)
  expect(result.secondsAboveLimit).toBe(0)
  expect(result.energyKwh).toBeGreaterThan(20)
})
