import { expect } from 'vitest'
import { AppError } from '../../src/errors.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { LogEntry } from '../fixtures/recording-log.ts'

/** What the running test of the contract works on: opened before each. */
export interface StorageSubject {
  storage: Storage
  /** What the storage has logged. */
  entries: LogEntry[]
}

/** The AppError with which something is refused. */
export const faultOf = async (work: Promise<unknown>): Promise<AppError> => {
  const outcome: unknown = await work.then(
    () => 'it was not refused',
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(AppError)
  return outcome as AppError
}
