import type { SeqRange } from '../domain/session.ts'

/**
 * Sequence numbers of an OCPP 2.x transaction: the highest one seen and the ranges below it that
 * never arrived. Messages arrive out of order, twice, or not at all (field problem 27); none of that
 * may stop a transaction.
 */
export interface Sequence {
  /** `null`: nothing yet. */
  seqNo: number | null
  /** Ascending, apart from one another. */
  gaps: readonly SeqRange[]
}

/**
 * Ranges that are kept. Of a transaction with more holes the oldest ones are forgotten; a message
 * from such a hole is then recognized as new by its content alone.
 */
export const MAX_RANGES = 200

const span = (first: number, last: number): SeqRange[] => (first <= last ? [{ first, last }] : [])

const newest = (gaps: readonly SeqRange[]): readonly SeqRange[] => gaps.slice(-MAX_RANGES)

const without = (gaps: readonly SeqRange[], seqNo: number): SeqRange[] =>
  gaps.flatMap((gap) =>
    seqNo < gap.first || seqNo > gap.last
      ? [gap]
      : [...span(gap.first, seqNo - 1), ...span(seqNo + 1, gap.last)],
  )

/**
 * Notes that `seqNo` arrived; O(ranges). `isStart`: nothing comes before it, whatever number it has
 * (not every station begins at 0). Returns false for a number that arrived before.
 */
export const noteSeqNo = (sequence: Sequence, seqNo: number, isStart: boolean): boolean => {
  const { seqNo: highest, gaps } = sequence
  if (highest === null || seqNo > highest) {
    const first = highest === null ? 0 : highest + 1
    sequence.seqNo = seqNo
    if (highest !== null || !isStart) sequence.gaps = newest([...gaps, ...span(first, seqNo - 1)])
    return true
  }
  const isMissing = gaps.some(({ first, last }) => first <= seqNo && seqNo <= last)
  if (isMissing) sequence.gaps = newest(without(gaps, seqNo))
  if (isStart) sequence.gaps = sequence.gaps.filter(({ last }) => last > seqNo)
  return isMissing
}

/** The message could not be stored after all: its number is missing again. */
export const forgetSeqNo = (sequence: Sequence, seqNo: number): void => {
  const gaps = [...without(sequence.gaps, seqNo), { first: seqNo, last: seqNo }]
  sequence.gaps = newest(gaps.sort((a, b) => a.first - b.first))
}

/** Numbers that never arrived. */
export const missingCount = (gaps: readonly SeqRange[]): number =>
  gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0)
