import { type Slip, SLIPS } from './leniency.ts'

/** Totals since the start, for `/metrics`: plain numbers that the hot path adds to. */
export interface OcppCounters {
  /** Frames by direction and kind. */
  callsIn: number
  callsOut: number
  resultsIn: number
  resultsOut: number
  errorsIn: number
  errorsOut: number
  /** Frames that could not be read: no JSON, no array, no usable id. */
  brokenFrames: number
  /** Message types other than 2, 3 and 4. */
  unknownTypes: number
  /** Text in binary frames, ids over 36 characters, missing payloads: accepted. */
  sloppyFrames: number
  /** CALLs that repeat an earlier one: answered from memory. */
  duplicates: number
  /** Answers that nobody waits for (any more). */
  lateAnswers: number
  /** Our CALLs without an answer in time. */
  timeouts: number
  /** Our CALLs that were refused because too many were waiting. */
  queueRefusals: number
  /** CALLs refused because the station was not accepted yet. */
  gated: number
  /** CALLs and answers of stations that could not be repaired. */
  violations: number
  /** Payloads of ours that did not fit the schema: a fault of ours. */
  ownViolations: number
  /** Faults in handlers. */
  handlerFaults: number
  connections: number
  disconnections: number
  /** Connections replaced by a newer one of the same station. */
  superseded: number
  /** Closed because nothing was heard in time. */
  silent: number
  /** Closed because the station read too slowly. */
  slowReaders: number
  oversizeFrames: number
  /** Times that a line was read slowly because its station sent too much. */
  floods: number
  unknownStations: number
  quarantined: number
  wrongCredentials: number
  /** Attempts turned away unread: too many failures before, or too many checks waiting. */
  throttled: number
  wrongProtocols: number
  /** Turned away because the bound on connections was reached. */
  overCapacity: number
  /** Password hashes that were computed, and checks answered from memory. */
  passwordHashes: number
  passwordCacheHits: number
  /** What was forgiven, by kind. */
  readonly slips: Record<Slip, number>
}

export const createCounters = (): OcppCounters => ({
  callsIn: 0,
  callsOut: 0,
  resultsIn: 0,
  resultsOut: 0,
  errorsIn: 0,
  errorsOut: 0,
  brokenFrames: 0,
  unknownTypes: 0,
  sloppyFrames: 0,
  duplicates: 0,
  lateAnswers: 0,
  timeouts: 0,
  queueRefusals: 0,
  gated: 0,
  violations: 0,
  ownViolations: 0,
  handlerFaults: 0,
  connections: 0,
  disconnections: 0,
  superseded: 0,
  silent: 0,
  slowReaders: 0,
  oversizeFrames: 0,
  floods: 0,
  unknownStations: 0,
  quarantined: 0,
  wrongCredentials: 0,
  throttled: 0,
  wrongProtocols: 0,
  overCapacity: 0,
  passwordHashes: 0,
  passwordCacheHits: 0,
  slips: Object.fromEntries(SLIPS.map((slip) => [slip, 0])) as Record<Slip, number>,
})
