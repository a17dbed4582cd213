/**
 * Sequence numbers of an OCPP 2.x transaction: the highest one seen and those below it that never
 * came. Messages arrive out of order, twice, or not at all (field problem 27); none of that may stop
 * a transaction.
 */
export interface Sequence {
  /** `null`: nothing yet. */
  seqNo: number | null
  gaps: readonly number[]
}

/** Gaps that are remembered; of a wider hole only its newest part. */
export const MAX_GAPS = 200

const range = (from: number, to: number): number[] => {
  const first = Math.max(from, to - MAX_GAPS)
  return Array.from({ length: Math.max(0, to - first) }, (_, index) => first + index)
}

const cut = (gaps: readonly number[]): readonly number[] => gaps.slice(-MAX_GAPS)

/**
 * Notes that `seqNo` arrived. `isStart`: nothing comes before it, whatever number it has (stations do
 * not all begin at 0). Returns false for a repeat.
 */
export const noteSeqNo = (sequence: Sequence, seqNo: number, isStart: boolean): boolean => {
  const highest = sequence.seqNo
  if (highest === null) {
    sequence.seqNo = seqNo
    sequence.gaps = isStart ? [] : range(0, seqNo)
    return true
  }
  if (seqNo > highest) {
    sequence.seqNo = seqNo
    sequence.gaps = cut([...sequence.gaps, ...range(highest + 1, seqNo)])
    return true
  }
  const isNew = sequence.gaps.includes(seqNo)
  sequence.gaps = sequence.gaps.filter((gap) => gap !== seqNo && (!isStart || gap > seqNo))
  return isNew
}

/** The message could not be stored after all: its repeat must count. */
export const forgetSeqNo = (sequence: Sequence, seqNo: number): void => {
  if (!sequence.gaps.includes(seqNo)) {
    sequence.gaps = cut([...sequence.gaps, seqNo].sort((a, b) => a - b))
  }
}
