import { expect, test } from 'vitest'
import { forgetSeqNo, MAX_RANGES, noteSeqNo, type Sequence } from '../../../src/csms/seq-gaps.ts'

/** Notes the numbers; `s` marks the start. Returns what was new, and what is missing. */
const run = (...steps: readonly (number | `s${number}`)[]) => {
  const sequence: Sequence = { seqNo: null, gaps: [] }
  const isNew = steps.map((step) =>
    typeof step === 'number'
      ? noteSeqNo(sequence, step, false)
      : noteSeqNo(sequence, Number(step.slice(1)), true),
  )
  return {
    isNew,
    seqNo: sequence.seqNo,
    gaps: sequence.gaps.map(({ first, last }) => [first, last]),
  }
}

test.each([
  ['in order', ['s0', 1, 2], [true, true, true], 2, []],
  ['a gap', ['s0', 1, 4], [true, true, true], 4, [[2, 3]]],
  ['a gap that closes', ['s0', 2, 1], [true, true, true], 2, []],
  ['a repeat', ['s0', 1, 1], [true, true, false], 1, []],
  ['the end before the start', [3, 's0'], [true, true], 3, [[1, 2]]],
  ['a start that does not begin at 0', ['s5', 6], [true, true], 6, []],
  ['a late start that does not begin at 0', [7, 's5'], [true, true], 7, [[6, 6]]],
  [
    'a message from the middle of a hole',
    ['s0', 9, 4],
    [true, true, true],
    9,
    [
      [1, 3],
      [5, 8],
    ],
  ],
  ['a repeated start', ['s0', 's0'], [true, false], 0, []],
] as const)('%s', (_, steps, isNew, seqNo, gaps) => {
  expect(run(...steps)).toEqual({ isNew, seqNo, gaps })
})

test('a hole is one range, however wide, and every number of it is missing', () => {
  const steps = Array.from({ length: 998 }, (_, index) => 999 - index)
  const { isNew, gaps } = run('s0', 1_000, ...steps)
  expect(run('s0', 1_000_000).gaps).toEqual([[1, 999_999]])
  expect(isNew).not.toContain(false)
  expect(gaps).toEqual([[1, 1]])
})

test('the number of ranges is bounded', () => {
  const { gaps } = run('s0', ...Array.from({ length: 300 }, (_, index) => 2 * index + 2))
  expect(gaps).toHaveLength(MAX_RANGES)
  expect(gaps.at(-1)).toEqual([599, 599])
})

test('what could not be stored is missing again', () => {
  const sequence: Sequence = { seqNo: null, gaps: [] }
  noteSeqNo(sequence, 0, true)
  noteSeqNo(sequence, 1, false)
  forgetSeqNo(sequence, 1)
  expect(noteSeqNo(sequence, 1, false)).toBe(true)
  expect(noteSeqNo(sequence, 1, false)).toBe(false)
})
