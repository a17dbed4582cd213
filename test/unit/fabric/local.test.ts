import { expect, test } from 'vitest'
import { createLocalFabric } from '../../../src/fabric/local.ts'
import type { Change } from '../../../src/ports/fabric.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const change = (id: string): Change => ({ kind: 'grant', id, atMs: 0, data: null })

test('delivery is over before the process turns to anything else', async () => {
  const fabric = createLocalFabric(recordingLog())
  const ids: string[] = []
  fabric.subscribe(({ id }) => void ids.push(id))
  fabric.publish(change('a'))
  await Promise.resolve()
  expect(ids).toEqual(['a'])
})

test('who subscribes between publication and delivery is not included', async () => {
  const fabric = createLocalFabric(recordingLog())
  const ids: string[] = []
  fabric.subscribe(() => {})
  fabric.publish(change('a'))
  fabric.subscribe(({ id }) => void ids.push(id))
  await Promise.resolve()
  expect(ids).toEqual([])
})

test('too many waiting changes are dropped, counted and logged, and the next are delivered', async () => {
  const { log, entries } = recordingLog()
  const fabric = createLocalFabric({ log, maxWaiting: 2 })
  const ids: string[] = []
  fabric.subscribe(({ id }) => void ids.push(id))
  for (const id of ['a', 'b', 'c', 'd']) fabric.publish(change(id))
  await Promise.resolve()
  expect(ids).toEqual(['a', 'b'])
  expect(entries).toMatchObject([{ level: 'warn', fields: { dropped: 2, maxWaiting: 2 } }])
  fabric.publish(change('e'))
  await Promise.resolve()
  expect(ids).toEqual(['a', 'b', 'e'])
  expect(entries).toHaveLength(1)
})

test('subscribers that answer each other for ever leave the process its turns', async () => {
  const fabric = createLocalFabric(recordingLog())
  let answers = 0
  const cancel = fabric.subscribe(() => {
    answers++
    fabric.publish(change('answer'))
  })
  fabric.publish(change('question'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  cancel()
  expect(answers).toBeGreaterThan(1)
})
