import type { Log } from '../../ports/log.ts'
import type { CheckpointData, CheckpointRequest } from './checkpoint-worker.ts'
import { startWorker, workerUrl } from './link.ts'

/**
 * Empties the write-ahead log from a thread of its own: a commit that had to do it would keep
 * everybody waiting for the time that takes (20 ms and more under load). The writer does it itself
 * only when this thread falls behind (see database.ts).
 */
export interface Checkpoints {
  /** Tells that a batch of this weight (write.ts) was committed. */
  wrote(weight: number): void
  close(patienceMs: number): Promise<void>
}

/**
 * Pages are not counted here: records share some, and a commit touches some of its own. More often
 * means that pages are moved again and again: with an eighth of this, a fifth fewer messages are
 * stored per second.
 */
const BATCH_WEIGHT = 8
const DUE_WEIGHT = 8_000

export const startCheckpoints = async (path: string, log: Log): Promise<Checkpoints> => {
  const link = await startWorker<CheckpointRequest, null>(
    workerUrl('checkpoint-worker', import.meta.url),
    { path } satisfies CheckpointData,
  )
  let weight = 0
  let isRunning = false

  const run = async (): Promise<void> => {
    isRunning = true
    weight = 0
    try {
      await link.request('checkpoint')
    } catch (error) {
      // Nothing is lost: the writer does it when the log is long.
      if (link.isOpen()) log.warn({ err: error }, 'the write-ahead log could not be emptied')
    } finally {
      isRunning = false
    }
  }

  return {
    wrote: (batchWeight) => {
      weight += batchWeight + BATCH_WEIGHT
      if (weight >= DUE_WEIGHT && !isRunning && link.isOpen()) void run()
    },
    close: (patienceMs) => link.close(patienceMs),
  }
}
