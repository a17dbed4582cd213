import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Failure } from '../failure.ts'

const NOWHERE = new Writable({
  write: (_chunk, _encoding, done) => done(),
})

/** The first line of standard input; on a terminal it is asked for and not shown. */
export const readSecret = async (question: string): Promise<string> => {
  const { stdin, stderr } = process
  if (stdin.isTTY) stderr.write(question)
  const lines = createInterface({ input: stdin, output: NOWHERE, terminal: stdin.isTTY })
  try {
    for await (const line of lines) {
      if (line !== '') return line
      break
    }
  } finally {
    lines.close()
    if (stdin.isTTY) stderr.write('\n')
  }
  throw new Failure('empty', 'standard input holds no password')
}
