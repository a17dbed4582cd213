import { workerData } from 'node:worker_threads'
import { createDatabaseReader, type Chunk, type Question } from './read.ts'
import { serve } from './serve.ts'

export interface ReaderData {
  readonly path: string
}

/** A question to begin with, or the next chunk of its answer, or no more of it. */
export type ReaderRequest = Question | 'next' | 'end'

const { path } = workerData as ReaderData

serve<ReaderRequest, Chunk>(path, () => {
  const reader = createDatabaseReader(path)
  return {
    handle: (request) => {
      if (request === 'next') return reader.next()
      if (request !== 'end') return reader.open(request)
      reader.end()
      return { cells: [], isLast: true }
    },
    close: () => reader.close(),
  }
})
