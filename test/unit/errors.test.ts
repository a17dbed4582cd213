import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AppError, asAppError, ERRORS } from '../../src/errors.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/reference/errors.md'), 'utf8')

test('the reference lists every code with its status and title, in the same order', () => {
  const listed = [...text.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) +\| (.*?) +\|/gm)].map(
    ([, code, status, title]) => [code, Number(status), title],
  )
  expect(listed).toEqual(
    Object.entries(ERRORS).map(([code, { status, title }]) => [code, status, title]),
  )
})

test('every code says what to do', () => {
  const remedies = [...text.matchAll(/^\| `[a-z-]+` +\| \d{3} +\| .*? +\| (.*?) +\|$/gm)]
  expect(remedies).toHaveLength(Object.keys(ERRORS).length)
  for (const [, remedy] of remedies) expect(remedy.length).toBeGreaterThan(10)
})

test('an error knows its status and keeps its cause', () => {
  const cause = new Error('disk full')
  const error = new AppError('storage-failed', 'could not write', {
    cause,
    details: { table: 'x' },
  })
  expect(error).toMatchObject({
    name: 'AppError',
    code: 'storage-failed',
    status: 500,
    cause,
    details: { table: 'x' },
  })
})

test('what is no AppError becomes internal; an AppError stays itself', () => {
  const known = new AppError('conflict', 'no')
  expect(asAppError(known)).toBe(known)
  const cause = new TypeError('x is undefined')
  expect(asAppError(cause)).toMatchObject({ code: 'internal', message: 'x is undefined', cause })
  expect(asAppError('text')).toMatchObject({ code: 'internal', message: 'text' })
})
