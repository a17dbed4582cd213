import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import { AppError } from '../errors.ts'

/** `read-only file system (EROFS)`. */
const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { code, errno } = error as NodeJS.ErrnoException
  if (code === undefined || errno === undefined) return error.message
  return `${getSystemErrorMessage(errno)} (${code})`
}

/**
 * Makes the folder of the data, and those above it. One by one, because the recursive form of Node
 * never returns where the system claims that a folder is missing which it does not let anybody make
 * (below /proc).
 *
 * @throws AppError `storage-failed` in one sentence
 */
export const makeFolder = (folder: string): void => {
  const missing: string[] = []
  let at = folder
  while (!existsSync(at) && dirname(at) !== at) {
    missing.unshift(at)
    at = dirname(at)
  }
  const fail = (why: string, cause?: unknown): never => {
    const message = `storage.path: the folder ${folder} cannot be made: ${why}`
    throw new AppError('storage-failed', message, { cause })
  }
  if (!statSync(at).isDirectory()) fail(`${at} is a file (ENOTDIR)`)
  for (const each of missing) {
    try {
      mkdirSync(each)
    } catch (error) {
      // Another process may have been quicker.
      if (existsSync(each) && statSync(each).isDirectory()) continue
      fail(causeOf(error), error)
    }
  }
}
