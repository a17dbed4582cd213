import { AppError } from '../errors.ts'
import type { StoredRecord } from '../ports/storage.ts'
import type { Cell } from './layout.ts'
import { encodeRecord } from './rows.ts'

/** What one transaction writes. Flat, because that is the cheapest to hand to another thread. */
export interface Batch {
  /** `[table number, cell, cell, ...]` for one record after the other. */
  readonly cells: Cell[]
  /** Records per unit; a unit is written whole or not at all. */
  readonly unitSizes: number[]
}

/** A unit that could not be written, while the rest of its batch was. */
export interface UnitFailure {
  readonly unit: number
  readonly message: string
  /** The disk or the file is at fault, and not the unit: it may be tried again. */
  readonly isGeneral: boolean
}

/** Who waits for a unit. */
export interface Waiter {
  resolve(): void
  reject(error: AppError): void
}

/** A batch with those who wait for it. */
export interface WaitingBatch extends Batch {
  /** By unit; null for an appended record, which nobody waits for. */
  readonly waiters: (Waiter | null)[]
  records: number
  /** About the size of the cells. */
  bytes: number
}

export const emptyBatch = (): WaitingBatch => ({
  cells: [],
  unitSizes: [],
  waiters: [],
  records: 0,
  bytes: 0,
})

/**
 * Adds a unit and returns about how many bytes it has. Throws `record-invalid`, and leaves the batch
 * as it was, if one of the records is bad.
 */
export const addUnit = (
  batch: WaitingBatch,
  records: readonly StoredRecord[],
  waiter: Waiter | null,
): number => {
  const start = batch.cells.length
  let bytes = 0
  try {
    for (const record of records) bytes += encodeRecord(record, batch.cells)
  } catch (error) {
    batch.cells.length = start
    throw error
  }
  batch.unitSizes.push(records.length)
  batch.waiters.push(waiter)
  batch.records += records.length
  batch.bytes += bytes
  return bytes
}

export interface Outcome {
  /** Records that are durable now. */
  readonly written: number
  /** Appended records that were lost, and why. */
  readonly lost: number
  readonly fault: AppError | null
}

/** Tells everyone who waits for a batch that was written, but for some of its units. */
export const settleBatch = (batch: WaitingBatch, failures: readonly UnitFailure[]): Outcome => {
  const faults = new Map<number, AppError>()
  for (const { unit, message, isGeneral } of failures) {
    const fault = new AppError(isGeneral ? 'storage-failed' : 'record-invalid', message)
    faults.set(unit, fault)
    batch.waiters[unit]?.reject(fault)
  }
  let written = batch.records
  let lost = 0
  for (const unit of faults.keys()) {
    written -= batch.unitSizes[unit]
    if (batch.waiters[unit] === null) lost++
  }
  for (const [unit, waiter] of batch.waiters.entries()) if (!faults.has(unit)) waiter?.resolve()
  return { written, lost, fault: faults.values().next().value ?? null }
}

/** Tells everyone who waits for a batch of which nothing was written. */
export const failBatch = (batch: WaitingBatch, error: unknown): Outcome => {
  const fault =
    error instanceof AppError
      ? error
      : new AppError('storage-failed', 'the batch could not be written', { cause: error })
  for (const waiter of batch.waiters) waiter?.reject(fault)
  return { written: 0, lost: batch.waiters.filter((waiter) => waiter === null).length, fault }
}
