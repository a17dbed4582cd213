import { describe, expect, test } from 'vitest'
import { createOccupancy } from '../../../../src/engine/plan/occupancy.ts'
import { caseOf } from '../../../../src/sim/backtest/case.ts'
import { networkFromAcn } from '../../../../src/sim/backtest/network/from-acn.ts'
import { networkFromPower } from '../../../../src/sim/backtest/network/from-power.ts'
import { networkFromSite } from '../../../../src/sim/backtest/network/from-site.ts'
import type { RecordedSession } from '../../../../src/sim/backtest/sessions/recorded.ts'
import { evse, load, node, site } from '../site.ts'
import { network } from './parts.ts'

const ACN = {
  voltage: 208,
  groups: { AB: ['A1', 'A2'], BC: ['B1'], CA: ['C1'] },
  pods: { pod: { members: ['A1', 'A2'], limitA: 80 } },
  lines: {
    'Secondary A': { AB: 1, CA: -1 },
    'Secondary B': { BC: 1, AB: -1 },
    'Secondary C': { CA: 1, BC: -1 },
    'Primary A': '(SecA-SecC)/4',
    'Primary B': '(SecB-SecA)/4',
    'Primary C': '(SecC-SecB)/4',
  },
  limits: { primary: 'cap_kW*1000/3/277 A', secondary: 'cap_kW*1000/3/120 A' },
  defaultCapKW: 150,
}

describe('network of an ACN study', () => {
  test('limits per line at both sides of the transformer, pods, line-to-line EVSEs', () => {
    const { nodes, evses, name } = networkFromAcn('net', { caltech: ACN }, 36)
    expect(name).toBe('net, 36 kW')
    expect(
      nodes.map(({ id, parent, limitA }) => [id, parent, Math.round(limitA![0] * 10) / 10]),
    ).toEqual([
      ['primary', -1, 43.3],
      ['secondary', 0, 100],
      ['pod', 1, 80],
    ])
    expect(evses.map(({ id, node, wattsPerAmp }) => [id, node, wattsPerAmp])).toEqual([
      ['A1', 2, 208],
      ['A2', 2, 208],
      ['B1', 1, 208],
      ['C1', 1, 208],
    ])
    // AB and CA meet in line A: sqrt(16^2 + 16^2 + 16 * 16) = 27.7 A of 100 A.
    const loads = createOccupancy(nodes.slice(1).map((one) => ({ ...one, parent: one.parent - 1 })), evses.map((one) => ({ ...one, node: one.node - 1 }))) // prettier-ignore
    loads.add(0, 16)
    loads.add(3, 16)
    expect(loads.fullest().ratio).toBeCloseTo(0.277, 3)
  })

  test.each([
    [{}, 'net: the file must hold one network with "groups" and "limits", not 0'],
    [{ ...ACN, voltage: 0 }, 'net: voltage must be the volts between two lines, like 208'],
    [{ ...ACN, groups: { XY: ['A'] } }, 'net: groups.XY must be AB, BC or CA'],
    [{ ...ACN, groups: {} }, 'net: groups must name at least one EVSE'],
    [{ ...ACN, limits: { ...ACN.limits, primary: '99 A' } }, 'net: limits.primary must read like'],
    [{ ...ACN, lines: { ...ACN.lines, 'Secondary A': { AB: 1 } } }, 'net: lines."Secondary A" must be'], // prettier-ignore
    [{ ...ACN, lines: { ...ACN.lines, 'Primary A': '(SecA-SecC)/2' } }, 'net: lines must have one ratio'], // prettier-ignore
    [{ ...ACN, pods: { pod: { members: [], limitA: 0 } } }, 'net: pods."pod".limitA must be above 0'], // prettier-ignore
  ])('%#: what is wrong is named', (json, message) => {
    expect(() => networkFromAcn('net', json, null)).toThrow(message)
  })
})

test('a site: what is left when loads draw their design current', () => {
  const yard = site({
    nodes: [
      node('grid', { limitW: 60_000, margin: 0.1 }),
      node('panel', { parentId: 'grid', limitA: [50, 50, 50], margin: 0 }),
    ],
    loads: [load('hall', { nodeId: 'grid', designA: [20, 20, 20] })],
    evses: [evse('ST', 1, { nodeId: 'panel', maxA: 16 })],
  })
  const { nodes, evses } = networkFromSite(yard, null)
  expect(nodes[0].limitA).toEqual([70, 70, 70])
  expect(nodes[0].limitW).toBeCloseTo(54_000 - 60 * 230)
  expect(nodes[1]).toMatchObject({ parent: 0, limitA: [50, 50, 50], limitW: null })
  expect(evses).toMatchObject([
    { id: 'ST/1', stationId: 'ST', node: 1, wattsPerAmp: 690, minA: 6, maxA: 16 },
  ])
  expect(networkFromSite(yard, 30).nodes[0].limitW).toBeCloseTo(27_000 - 60 * 230)
})

test('stations of one kind below one limit', () => {
  const plain = { wiring: 'L1L2L3', supply: { kind: 'three-phase', voltageV: 230 }, minA: 6, maxA: 32 } as const // prettier-ignore
  const { nodes, evses } = networkFromPower(['A', 'B'], plain, 40)
  expect(nodes).toMatchObject([{ limitA: null, limitW: 40_000 }])
  expect(evses.map(({ id, wattsPerAmp }) => [id, wattsPerAmp])).toEqual([
    ['A', 690],
    ['B', 690],
  ])
})

describe('case', () => {
  const session = (over: Partial<RecordedSession> = {}): RecordedSession => ({
    id: 's',
    station: 'B',
    user: null,
    connectedMs: Date.UTC(2026, 2, 2, 8, 2),
    endedMs: Date.UTC(2026, 2, 2, 9, 59),
    energyWh: 5000,
    saidEnergyWh: null,
    saidDepartureMs: null,
    line: 2,
    ...over,
  })
  const berlin = { stepS: 300, timeZone: 'Europe/Berlin', vehicleW: null }

  test('days are whole by the local clock; steps are counted from the first', () => {
    const { grid, stays } = caseOf(network(null), [session()], berlin)
    expect(grid).toEqual({ startMs: Date.UTC(2026, 2, 1, 23), stepS: 300, steps: 288 })
    expect(stays[0]).toMatchObject({ evse: 1, arrive: 108, depart: 131, needWh: 5000, maxA: 32 })
  })

  test('a day with a clock change has 23 hours', () => {
    const day = { connectedMs: Date.UTC(2026, 2, 29, 8), endedMs: Date.UTC(2026, 2, 29, 9) }
    expect(caseOf(network(null), [session(day)], berlin).grid.steps).toBe(23 * 12)
  })

  test('vehicles draw no more than they can; words become steps', () => {
    const said = { saidEnergyWh: 9000, saidDepartureMs: Date.UTC(2026, 2, 2, 11) }
    const { stays } = caseOf(network(null), [session(said)], { ...berlin, vehicleW: 3680 })
    expect(stays[0]).toMatchObject({ maxA: 16, declared: { needWh: 9000, depart: 144 } })
  })

  test('a station that the network lacks is named with its line', () => {
    expect(() => caseOf(network(null), [session({ station: 'X', line: 7 })], berlin)).toThrow(
      'line 7: test has no EVSE "X"; it has 3, such as A, B, C',
    )
    expect(() => caseOf(network(null), [], berlin)).toThrow('there is no session to replay')
  })

  test('too many steps are refused', () => {
    const long = { endedMs: Date.UTC(2046, 0, 1) }
    expect(() => caseOf(network(null), [session(long)], berlin)).toThrow(/more than 1000000/)
  })
})
