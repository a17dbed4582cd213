import { AppError } from '../../errors.ts'
import type { Cell } from '../layout.ts'
import { startWorker, workerUrl, type Link } from './link.ts'
import type { Chunk, Question } from './read.ts'
import type { ReaderData, ReaderRequest } from './reader-worker.ts'

/** Those who ask after it wait no longer for an answer. */
const PATIENCE_MS = 10_000

/** Reads one after the other in a thread of its own, which starts with the first. */
export interface Reader {
  /**
   * Hands over the rows' cells, a chunk at a time; a `take` that throws ends the answer. Rejects with
   * `storage-overloaded` when too many reads wait, and with `query-too-wide` when the answer takes
   * too long.
   */
  read(question: Question, take: (cells: readonly Cell[]) => void): Promise<void>
  waiting(): number
  /** Rejects what waits. */
  close(patienceMs: number): Promise<void>
}

const takesTooLong = (patienceMs: number): AppError =>
  new AppError(
    'query-too-wide',
    `the query takes longer than ${patienceMs / 1000} s; ask for one station or EVSE, or a shorter ` +
      'span of time',
  )

export const createReader = (
  path: string,
  maxWaiting: number,
  patienceMs = PATIENCE_MS,
): Reader => {
  let link: Link<ReaderRequest, Chunk> | null = null
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let isClosed = false

  const openLink = async (): Promise<Link<ReaderRequest, Chunk>> => {
    if (isClosed) throw new AppError('storage-failed', 'the storage has been stopped')
    // A thread that ended (out of memory, say) is replaced.
    if (link === null || !link.isOpen())
      link = await startWorker(workerUrl('reader-worker', import.meta.url), {
        path,
      } satisfies ReaderData)
    return link
  }

  const run = async (question: Question, take: (cells: readonly Cell[]) => void): Promise<void> => {
    const reader = await openLink()
    const endMs = performance.now() + patienceMs
    let request: ReaderRequest = question
    for (;;) {
      const { cells, isLast } = await reader.request(request)
      try {
        take(cells)
        if (!isLast && performance.now() > endMs) throw takesTooLong(patienceMs)
      } catch (error) {
        await reader.request('end')
        throw error
      }
      if (isLast) return
      request = 'next'
    }
  }

  const read = async (
    question: Question,
    take: (cells: readonly Cell[]) => void,
  ): Promise<void> => {
    if (waiting >= maxWaiting)
      throw new AppError(
        'storage-overloaded',
        `${waiting} queries already wait to be answered; try again later`,
      )
    waiting++
    const answer = last.then(() => run(question, take))
    last = answer.catch(() => {})
    try {
      await answer
    } finally {
      waiting--
    }
  }

  return {
    read,
    waiting: () => waiting,
    close: async (patienceMs) => {
      isClosed = true
      await link?.close(patienceMs)
      await last
    },
  }
}
