import { describe, expect, test } from 'vitest'
import { compilePointer } from '../../../src/meters/pointer.ts'

describe('JSON pointers', () => {
  const document = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
    deep: { list: [{ x: 9 }] },
  }

  // The examples of RFC 6901, section 5, and a few of our own.
  test.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
    ['/deep/list/0/x', 9],
  ])('%s', (pointer, value) => {
    expect(compilePointer('here', pointer)(document)).toEqual(value)
  })

  test.each([
    '/nothing',
    '/foo/2',
    '/foo/-',
    '/foo/01',
    '/foo/length',
    '/foo/0/x',
    '/deep/toString',
  ])('%s is not there', (pointer) => {
    expect(compilePointer('here', pointer)(document)).toBeUndefined()
  })

  test('only own properties are followed', () => {
    expect(compilePointer('here', '/__proto__')({})).toBeUndefined()
    expect(compilePointer('here', '/constructor/name')({})).toBeUndefined()
  })

  test.each([
    ['power', 'start it with "/"'],
    ['/a~2b', 'write "~0"'],
    ['/a~', 'write "~0"'],
    ['/a'.repeat(33), 'at most 32 levels'],
  ])('%s is refused', (pointer, why) => {
    expect(() => compilePointer('meters/x/time/pointer', pointer)).toThrow(
      new RegExp(`^meters/x/time/pointer: .*${why.replaceAll('"', '.')}`),
    )
  })
})
