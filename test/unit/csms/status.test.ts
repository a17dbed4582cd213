import { expect, test } from 'vitest'
import { combineConnectors, deriveStatus, type StatusFacts } from '../../../src/csms/status.ts'

const facts = (given: Partial<StatusFacts>): StatusFacts => ({
  reported: 'available',
  chargingState: null,
  transactionOpen: false,
  drawing: false,
  ...given,
})

test.each([
  ['what is reported, without more', { reported: 'available' }, 'available'],
  ['nothing heard', { reported: 'unknown' }, 'unknown'],
  ['available while a transaction runs', { transactionOpen: true }, 'occupied'],
  ['unknown while a transaction runs', { reported: 'unknown', transactionOpen: true }, 'occupied'],
  ['available while current flows', { drawing: true }, 'charging'],
  [
    'suspended, but current flows',
    { reported: 'suspended-evse', transactionOpen: true, drawing: true },
    'charging',
  ],
  [
    'suspended in a transaction',
    { reported: 'suspended-ev', transactionOpen: true },
    'suspended-ev',
  ],
  [
    'the charging state of 2.x',
    { reported: 'occupied', transactionOpen: true, chargingState: 'suspended-evse' },
    'suspended-evse',
  ],
  [
    'plugged by charging state',
    { reported: 'occupied', transactionOpen: true, chargingState: 'ev-connected' },
    'occupied',
  ],
  [
    'a charging state outlives no transaction',
    { reported: 'occupied', chargingState: 'charging' },
    'occupied',
  ],
  ['a fault', { reported: 'faulted', transactionOpen: true }, 'faulted'],
] as const)('%s', (_, given, expected) => {
  expect(deriveStatus(facts(given))).toBe(expected)
})

test('the connector in use decides for its EVSE', () => {
  expect(combineConnectors(['available', 'occupied'])).toBe('occupied')
  expect(combineConnectors(['faulted', 'available'])).toBe('available')
  expect(combineConnectors(['faulted', 'unavailable'])).toBe('faulted')
  expect(combineConnectors([])).toBe('unknown')
})
