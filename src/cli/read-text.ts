import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Failure } from './failure.ts'

const GZIP = [0x1f, 0x8b]

/**
 * The text of a file, which may be compressed with gzip; `-` is standard input.
 *
 * @throws Failure `unreadable`
 */
export const readText = (file: string): string => {
  try {
    const bytes = readFileSync(file === '-' ? 0 : file)
    const isGzip = GZIP.every((byte, k) => bytes[k] === byte)
    return (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    const name = file === '-' ? 'standard input' : file
    throw new Failure('unreadable', `${name} cannot be read: ${(error as Error).message}`)
  }
}
