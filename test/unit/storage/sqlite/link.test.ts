import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { startWorker, workerUrl, type Link } from '../../../../src/storage/sqlite/link.ts'
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts'

const folder = temporaryFolder()
const serveUrl = new URL('../../../../src/storage/sqlite/serve.ts', import.meta.url).href

/** A worker whose service is written by the test. */
const workerOf = (name: string, service: string): URL => {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, `import { serve } from '${serveUrl}'\nserve('test.db', () => (${service}))\n`)
  return pathToFileURL(path)
}

const start = (name: string, service: string): Promise<Link<string, string>> =>
  startWorker<string, string>(workerOf(name, service), null)

const ECHO = `{
  handle: (request) => {
    if (request === 'throw') throw new Error('it does not like that')
    if (request === 'die') process.exit(3)
    if (request === 'block') for (;;);
    return 'echo ' + request
  },
  close: () => {},
}`

test('the worker beside a module is found as source and compiled', () => {
  expect(workerUrl('writer', 'file:///app/src/storage/link.ts').pathname).toBe(
    '/app/src/storage/writer.ts',
  )
  expect(workerUrl('writer', 'file:///app.d/dist/storage/link.js').pathname).toBe(
    '/app.d/dist/storage/writer.js',
  )
})

test('answers belong to their requests, faults too', async () => {
  const link = await start('echo', ECHO)
  const results = await Promise.allSettled(['a', 'throw', 'b'].map((text) => link.request(text)))
  expect(results).toMatchObject([
    { value: 'echo a' },
    { reason: { code: 'storage-failed', message: 'database test.db: it does not like that' } },
    { value: 'echo b' },
  ])
  await link.close(1_000)
})

test('what was requested before the close is answered, what comes after is refused', async () => {
  const link = await start('closing', ECHO)
  const answer = link.request('a')
  await link.close(1_000)
  expect(await answer).toBe('echo a')
  await expect(link.request('b')).rejects.toThrow('the storage thread has ended')
  expect(link.isOpen()).toBe(false)
  await link.close(1_000)
})

test('a service that cannot start is told with its reason', async () => {
  const broken = "(() => { throw new Error('no such disk') })()"
  await expect(start('broken', broken)).rejects.toMatchObject({
    code: 'storage-failed',
    message: 'database test.db: no such disk',
  })
})

test('a worker that cannot be loaded is told', async () => {
  const url = pathToFileURL(join(folder, 'missing.mjs'))
  await expect(startWorker(url, null)).rejects.toMatchObject({ code: 'storage-failed' })
})

test('a thread that ends in the middle rejects all who wait', async () => {
  const link = await start('dying', ECHO)
  const results = await Promise.allSettled(['die', 'a'].map((text) => link.request(text)))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(link.isOpen()).toBe(false)
})

test('a thread that does not end is ended', async () => {
  const link = await start('blocked', ECHO)
  const answer = expect(link.request('block')).rejects.toThrow('the storage thread has ended')
  await link.close(50)
  await answer
})
