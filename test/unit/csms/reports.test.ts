import { expect, test } from 'vitest'
import { createDataTransfer } from '../../../src/csms/data-transfer.ts'
import { MAX_VARIABLES } from '../../../src/csms/variables.ts'
import { createWorld, settle, START_MS } from './harness.ts'

const world = async () => {
  const made = await createWorld()
  made.ready('CP1')
  return { ...made, station: made.csms.stations.mustFind('CP1') }
}

test('vendor extensions by vendor and message; the rest is answered, too', async () => {
  const { answer } = createDataTransfer({
    'com.acme': { Ping: (stationId, data) => ({ status: 'Accepted', data: { stationId, data } }) },
  })
  expect(answer('CP1', 'com.acme', 'Ping', 1)).toEqual({
    status: 'Accepted',
    data: { stationId: 'CP1', data: 1 },
  })
  expect(answer('CP1', 'com.acme', 'Pong', 1)).toEqual({ status: 'UnknownMessageId' })
  expect(answer('CP1', 'toString', '', 1)).toEqual({ status: 'UnknownVendorId' })
  expect(answer('CP1', 'com.acme', 'constructor', 1)).toEqual({ status: 'UnknownMessageId' })
})

test('what stations report is kept in the audit trail under their name', async () => {
  const { csms, station, storage } = await world()
  csms.notices.record(station, 'station.security-event', { type: 'TamperDetectionActivated' })
  csms.notices.record(station, 'station.customer-information', { data: 'x'.repeat(10_000) })
  await settle()
  const [event, cut] = storage.rows('audit')
  expect(event).toMatchObject({
    actor: 'station:CP1',
    action: 'station.security-event',
    detail: { type: 'TamperDetectionActivated' },
  })
  expect((cut.detail as { cut: string }).cut).toHaveLength(4_000)
})

test('uploads are part of the station, and recorded when they change', async () => {
  const { csms, station, storage } = await world()
  for (const status of ['Downloading', 'Downloading', 'Installed']) {
    csms.notices.firmware(station, status, 1)
  }
  csms.notices.log(station, 'Uploading', null)
  expect(csms.stations.get('CP1')).toMatchObject({
    firmwareStatus: 'Installed',
    logStatus: 'Uploading',
  })
  await settle()
  expect(storage.rows('audit')).toHaveLength(3)
})

test('limits of others, per source, until they are cleared', async () => {
  const { csms, station } = await world()
  const { externalLimits } = csms
  const limit = (evseId: number, source: string) =>
    externalLimits.set(station, {
      evseId,
      source,
      isGridCritical: true,
      schedule: null,
      sinceMs: START_MS,
    })
  const inForce = () =>
    csms.stations.get('CP1').externalLimits.map(({ evseId, source }) => [evseId, source])
  limit(1, 'EMS')
  limit(1, 'SO')
  limit(2, 'SO')
  limit(1, 'SO')
  expect(inForce()).toHaveLength(3)
  externalLimits.clear(station, 1, 'SO')
  expect(inForce()).toEqual([
    [1, 'EMS'],
    [2, 'SO'],
  ])
  externalLimits.clear(station, 0, 'SO')
  expect(inForce()).toEqual([[1, 'EMS']])
})

test('variables are replaced by name, cut and bounded', async () => {
  const { csms, storage } = await world()
  const variable = (name: string, value: string | null, readonly = false) => ({
    component: 'C',
    variable: name,
    attribute: 'Actual',
    value,
    readonly,
  })
  await csms.variables.store('CP1', [variable('A', '1'), variable('B', null, true)])
  await csms.variables.store('CP1', [variable('A', 'x'.repeat(9_000))])
  expect(await csms.variables.list('CP1')).toEqual([
    variable('A', 'x'.repeat(2_500)),
    variable('B', null, true),
  ])
  const many = Array.from({ length: MAX_VARIABLES + 1 }, (_, index) => variable(`V${index}`, ''))
  storage.commit = (records) => {
    expect(records).toHaveLength(MAX_VARIABLES)
    return Promise.resolve()
  }
  await csms.variables.store('CP1', many)
  expect.assertions(2)
})

test('a password that a station reports is not stored', async () => {
  const { csms, storage } = await createWorld()
  const reported = { component: 'SecurityCtrlr', attribute: 'Actual', readonly: false }
  await csms.variables.store('CP1', [
    { ...reported, variable: 'BasicAuthPassword', value: 'hunter2hunter2' },
    { ...reported, variable: 'SecurityProfile', value: '1' },
  ])
  expect(storage.rows('variable').map(({ value }) => value)).toEqual(['(secret)', '1'])
})
