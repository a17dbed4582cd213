import { expect, test } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { resolveSettings, type SimulationSettings } from '../../../src/sim/settings.ts'
import { site } from './site.ts'

test('everything has a default, each station its own entry', () => {
  const resolved = resolveSettings(
    {
      stations: {
        '*': { model: 'level-zero', meterIntervalS: 5 },
        S2: { protocol: 'ocpp2.0.1', faults: { refusesZero: true } },
      },
    },
    site(),
  )
  expect(resolved).toMatchObject({ seed: 1, speed: 1, vehiclesPerDay: 8, initialVehicles: 2 })
  expect([...resolved.stations.keys()]).toEqual(['S1', 'S2', 'S3', 'S4'])
  expect(resolved.stations.get('S1')).toMatchObject({
    protocol: 'ocpp1.6',
    meterIntervalS: 5,
    model: { id: 'level-zero' },
  })
  expect(resolved.stations.get('S2')).toMatchObject({
    protocol: 'ocpp2.0.1',
    meterIntervalS: 10,
    model: { id: 'full' },
    faults: { refusesZero: true },
  })
})

test.each<[string, SimulationSettings, RegExp]>([
  ['station', { stations: { X9: {} } }, /^simulation\/stations\/X9 is not one of S1, S2/],
  ['load', { loads: { roof: {} } }, /^simulation\/loads\/roof is not one of hall/],
  ['vehicle model', { mix: { tank: 1 } }, /^simulation\/mix\/tank is not one of sedan-11/],
  [
    'station model',
    { stations: { S1: { model: 'x' } } },
    /stations\/S1\/model must be one of full/,
  ],
  ['speed', { speed: 0 }, /^simulation\/speed must be from 0.1 to 1000/],
  ['vehicles', { initialVehicles: 5 }, /initialVehicles must be from 0 to 4/],
  ['share', { tellNeed: 2 }, /tellNeed must be from 0 to 1/],
  ['time', { timeOfDay: '25:00' }, /timeOfDay must look like HH:MM/],
  ['date', { date: '15.6.2026' }, /date must look like YYYY-MM-DD/],
  ['shape', { loads: { hall: { shape: [1] } } }, /loads\/hall\/shape must have 24 values/],
])('a wrong %s is named', (_, settings, message) => {
  const attempt = () => resolveSettings(settings, site())
  expect(attempt).toThrow(AppError)
  expect(attempt).toThrow(message)
})
