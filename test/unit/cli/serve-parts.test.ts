import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { createLog } from '../../../src/app/log.ts'
import { createDemoToken } from '../../../src/cli/serve/demo-token.ts'
import { humanLog } from '../../../src/cli/serve/human-log.ts'
import { within } from '../../../src/cli/serve/within.ts'
import { createBench } from '../api/bench.ts'
import { recordingTerminal } from './terminal.ts'

describe('the log for people', () => {
  const written = (write: (log: ReturnType<typeof createLog>) => void): string[] => {
    const terminal = recordingTerminal()
    write(createLog('info', humanLog(terminal, 'Europe/Amsterdam')))
    return terminal.outLines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
  }

  test('is one line: level, message, then what it is about', () => {
    const lines = written((log) => {
      log.info({ stationId: 'A 1', online: true }, 'A station connected')
      log.child({ siteId: 's' }).warn({ detail: '' }, 'trouble')
      log.debug({}, 'not asked for')
    })
    expect(lines).toEqual([
      'info  A station connected stationId="A 1" online=true',
      'warn  trouble siteId=s detail=',
    ])
  })

  test('has the message of a fault, not its stack', () => {
    const lines = written((log) => log.error({ err: new Error('no route') }, 'It failed'))
    expect(lines).toEqual(['error It failed no route'])
  })

  test('hides what the other log hides', () => {
    const lines = written((log) => log.info({ password: 'hunter2', a: { token: 'bsb' } }, 'x'))
    expect(lines).toEqual(['info  x password=[secret] a={"token":"[secret]"}'])
  })
})

test('the token of a demo ends with the next one', async () => {
  const { tokens } = await createBench()
  const { secret: other } = await tokens.create({ label: 'demo', scopes: ['read'] }, 'me')
  const first = await createDemoToken(tokens)
  const second = await createDemoToken(tokens)
  expect(tokens.find(first.secret)).toBeNull()
  expect(tokens.find(second.secret)?.scopes).toEqual(['read', 'operate', 'admin'])
  expect(tokens.find(other)?.label).toBe('demo')
})

test('patience ends', async () => {
  expect(await within(1_000, Promise.resolve())).toBe(true)
  expect(await within(10, new Promise(() => {}))).toBe(false)
  await expect(within(1_000, Promise.reject(new Error('no')))).rejects.toThrow('no')
})

describe('a program that does not want to end', () => {
  const module = new URL('../../../src/cli/serve/stop-request.ts', import.meta.url).href
  const script = `
    const { onHangup, stopRequested } = await import(${JSON.stringify(module)})
    setInterval(() => {}, 1000)
    const asked = stopRequested()
    onHangup(() => console.log('hung up'))
    console.log('ready')
    console.log(await asked)`

  const start = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(child.stdout, 'data')
    return { child, output: () => output }
  }

  test('is asked once by Ctrl+C, however many processes pass it on, and made to the next time', async () => {
    const { child, output } = await start()
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    expect(child.exitCode).toBeNull()
    expect(output()).toMatch(/^ready\nSIG(INT|TERM)\n$/)
    child.kill('SIGTERM')
    expect(await exited).toEqual([143, null])
  })

  test('goes on when its terminal hangs up, or somebody wants a reload', async () => {
    const { child, output } = await start()
    child.kill('SIGHUP')
    await vi.waitFor(() => expect(output()).toBe('ready\nhung up\n'))
    expect(child.exitCode).toBeNull()
    child.kill('SIGTERM')
    await vi.waitFor(() => expect(output()).toContain('SIGTERM'))
    child.kill('SIGKILL')
  })
})
