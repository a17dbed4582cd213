import { AppError } from '../errors.ts'

export const EXIT = { ok: 0, failure: 1, usage: 2 } as const

/** What a command could not do, for a reason that people can do something about. */
export class Failure extends Error {
  /** Short name for programs (`--json`). */
  readonly code: string
  readonly details: unknown

  /** `message` says what is wrong, where, and what to do. */
  constructor(code: string, message: string, details?: unknown) {
    super(message)
    this.name = 'Failure'
    this.code = code
    this.details = details
  }
}

/** What was asked for makes no sense, in a way that the parser of arguments cannot see. */
export class UsageError extends Error {}

/** Everything has been said; only the exit code is left. */
export class Exit extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit ${exitCode}`)
    this.exitCode = exitCode
  }
}

export interface Told {
  readonly code: string
  readonly message: string
  readonly details?: unknown
}

/** An error as it is told: a fault that is known in a sentence, any other one with its stack. */
export const tell = (error: unknown): Told => {
  if (error instanceof Failure || error instanceof AppError) {
    const { code, message, details } = error
    return { code, message, ...(details === undefined ? {} : { details }) }
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'internal', message: `this should not have happened: ${text}` }
}
