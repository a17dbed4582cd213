import { describe, expect, test } from 'vitest'
import { createGridView, inSet, sumOfEvses } from '../../../src/engine/timeline/grid-view.ts'
import { FLEET_W, SITE } from '../../fixtures/grid-site.ts'

const view = createGridView(SITE, [1, 0])

describe('targets', () => {
  test.each([
    [[], null, 'grid', FLEET_W],
    [['grid'], null, 'grid', FLEET_W],
    [['a', 'grid'], null, 'grid', FLEET_W],
    [['a'], ['s1/1', 's2/1'], 'a', 44_160],
    [['s3'], ['s3/1', 's3/2'], null, 14_720],
    [['s3/1'], ['s3/1'], null, 7_360],
    [['a', 's3/1'], ['s1/1', 's2/1', 's3/1'], null, 51_520],
    [['s3', 's3/1'], ['s3/1', 's3/2'], null, 14_720],
    [['nobody'], [], null, 0],
  ] as const)('%j', (targets, keys, nodeId, ratingW) => {
    const set = view.resolve(targets)
    expect(set.keys === null ? null : [...set.keys].sort()).toEqual(keys)
    expect(set.nodeId).toBe(nodeId)
    expect(set.ratingW).toBe(ratingW)
    expect(SITE.evses.map(({ key }) => inSet(set, key))).toEqual(
      SITE.evses.map(({ key }) => keys === null || (keys as readonly string[]).includes(key)),
    )
  })

  test('equal sets have equal ids, others do not', () => {
    expect(view.resolve(['s1', 's3/2']).id).toBe(view.resolve(['s3/2', 's1/1']).id)
    const ids = [[], ['a'], ['b'], ['s1'], ['s2'], ['s3/1'], ['s3/2']].map(
      (targets) => view.resolve(targets).id,
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('unknown ones', () => {
    expect(view.unknown(['a', 's1', 's3/2', 's3/9', 'x'])).toEqual(['s3/9', 'x'])
  })
})

test('the rating of a node is the tighter of its limits', () => {
  expect(view.nodeRating('grid')).toEqual({
    nodeId: 'grid',
    powerW: 69_000,
    currentA: [100, 100, 100],
  })
  expect(view.nodeRating('a')?.powerW).toBe(40_000)
  expect(view.nodeRating('b')).toEqual({ nodeId: 'b', powerW: Infinity, currentA: null })
  expect(view.nodeRating('s1')).toBeNull()
})

test.each([
  ['A', 10, 2 * 6_900 + 2 * 2_300],
  ['A', 100, FLEET_W],
  ['W', 5_000, 4 * 5_000],
  ['fraction', 0.5, FLEET_W / 2],
] as const)('what the fleet draws when each EVSE has %s %d', (unit, value, watts) => {
  expect(sumOfEvses(view.resolve([]), unit, value, view)).toBeCloseTo(watts)
})
