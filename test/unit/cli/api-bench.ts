import { afterEach } from 'vitest'
import type { Scope } from '../../../src/api/tokens.ts'
import { createBench, type Bench, type BenchOptions } from '../api/bench.ts'
import { run } from './terminal.ts'

export interface CliBench {
  readonly bench: Bench
  readonly url: string
  /** One command line against the API, with a token of these scopes (all by default). */
  readonly busbar: (argv: readonly string[], ...scopes: Scope[]) => ReturnType<typeof run>
  /** The same with `--json`; the document that it prints. */
  readonly json: <T>(...argv: string[]) => Promise<T>
}

/** The real API on a real socket, asked by the real commands. Ends with the test. */
export const cliBench = async (options: BenchOptions = {}): Promise<CliBench> => {
  const bench = await createBench(options)
  const { port } = await bench.api.listen({ host: '127.0.0.1', port: 0 })
  open.push(bench)
  const url = `http://127.0.0.1:${port}`
  const busbar: CliBench['busbar'] = async (argv, ...scopes) => {
    const token = await bench.secret(...(scopes.length > 0 ? scopes : ALL))
    return run(argv, { env: { BUSBAR_URL: url, BUSBAR_TOKEN: token } })
  }
  return {
    bench,
    url,
    busbar,
    json: async <T>(...argv: string[]): Promise<T> => {
      const { code, out, err } = await busbar([...argv, '--json'])
      if (code !== 0) throw new Error(err)
      return JSON.parse(out) as T
    },
  }
}

const ALL: Scope[] = ['read', 'operate', 'admin']
const open: Bench[] = []

afterEach(async () => {
  for (const bench of open.splice(0)) await bench.api.close()
})
