import { beforeEach, expect, test } from 'vitest'
import type { Condition } from '../../../src/domain/condition.ts'
import { createBench, type Bench } from './bench.ts'

let bench: Bench

beforeEach(async () => {
  bench = await createBench()
})

const NODE_OVER: Condition = {
  kind: 'node-over-limit',
  severity: 'alarm',
  what: 'Garage feeder carries 52 A on L1, its limit is 40 A',
  where: 'garage',
  remedy: 'Switch off a load behind it',
}

test('what needs attention is listed, counted in health and in the metrics', async () => {
  expect((await bench.get('/v1/conditions')).items).toEqual([])
  bench.conditions.set('node-over-limit:garage', NODE_OVER)
  expect((await bench.get('/v1/conditions')).items).toEqual([
    { ...NODE_OVER, key: 'node-over-limit:garage', since: '2026-11-22T08:00:00.000Z' },
  ])
  const ready = await bench.request('GET', '/health/ready')
  expect(ready.json().conditions).toEqual({ alarms: 1, warnings: 0 })
  const { body } = await bench.api.inject({
    url: '/metrics',
    headers: { authorization: `Bearer ${await bench.secret('read')}` },
  })
  expect(body).toContain('busbar_condition{kind="node-over-limit"} 1')
  expect(body).toContain('busbar_condition{kind="disk-full"} 0')
})
