import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { inspect, parseArgs } from 'node:util'
import { createSystemClock } from '../src/fabric/system-clock.ts'
import type { Log } from '../src/ports/log.ts'
import type { StoredRecord } from '../src/ports/storage.ts'
import { openSqliteStorage, type SqliteStorage } from '../src/storage/sqlite/storage.ts'

const STATIONS = 2_000

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const complain = (fields: object, message: string): void => print(`! ${message} ${inspect(fields)}`)

const log: Log = {
  debug: () => {},
  info: () => {},
  warn: complain,
  error: complain,
  child: () => log,
}

/** A MeterValues message with eight sampled values, as the central system stores it. */
const sample = (number: number, nowMs: number): StoredRecord => ({
  table: 'sample',
  row: {
    stationId: `station-${(number * 7919) % STATIONS}`,
    evseId: 1,
    transactionId: `transaction-${(number * 7919) % STATIONS}`,
    measuredAtMs: nowMs,
    receivedAtMs: nowMs,
    context: 'Sample.Periodic',
    values: [
      ['Energy.Active.Import.Register', null, 'Wh', 1_000 + number],
      ['Power.Active.Import', null, 'W', 11_000.5],
      ['Current.Import', 'L1', 'A', 15.9],
      ['Current.Import', 'L2', 'A', 15.8],
      ['Current.Import', 'L3', 'A', 16.1],
      ['Voltage', 'L1-N', 'V', 231.2],
      ['Voltage', 'L2-N', 'V', 229.8],
      ['Voltage', 'L3-N', 'V', 230.4],
    ],
  },
})

interface Result {
  readonly way: string
  readonly messages: number
  readonly seconds: number
  readonly batches: number
  /** Of all threads; null where the generator spins. */
  readonly cpuUsPerMessage: number | null
  /** What other processes took meanwhile, in cores; above 0.25 the result says little. */
  readonly foreignCores: number
  readonly latenciesMs: number[]
  readonly longestBlockMs: number
}

interface Load {
  /** Whether it keeps a core busy by itself. */
  readonly spins: boolean
  /** Returns one latency per message, in ms. */
  run(): Promise<number[]>
}

/** Seconds that all cores together were busy since the start of the machine (Linux). */
const busySeconds = (): number => {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/ +/)
  const [user, nice, system, , , interrupts, softInterrupts, stolen] = ticks.map(Number)
  return (user + nice + system + interrupts + softInterrupts + stolen) / 100
}

/** Runs a load and measures what all loads share. */
const measure = async (way: string, storage: SqliteStorage, load: Load): Promise<Result> => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const batchesBefore = storage.stats().batches
  const cpuBefore = process.cpuUsage()
  const busyBefore = busySeconds()
  const startedAt = performance.now()
  delay.enable()
  const latenciesMs = await load.run()
  delay.disable()
  const seconds = (performance.now() - startedAt) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  const ownSeconds = (user + system) / 1e6
  return {
    way,
    messages: latenciesMs.length,
    seconds,
    batches: storage.stats().batches - batchesBefore,
    cpuUsPerMessage: load.spins ? null : (ownSeconds * 1e6) / latenciesMs.length,
    foreignCores: Math.max(0, busySeconds() - busyBefore - ownSeconds) / seconds,
    latenciesMs: latenciesMs.sort((a, b) => a - b),
    longestBlockMs: delay.max / 1e6,
  }
}

/** So many callers, each with one message on its way at a time: the capacity. */
const closedLoop = (storage: SqliteStorage, callers: number, durationMs: number): Load => ({
  spins: false,
  run: async () => {
    const latencies: number[] = []
    const endAt = performance.now() + durationMs
    let number = 0
    const call = async (): Promise<void> => {
      for (;;) {
        const sentAt = performance.now()
        if (sentAt >= endAt) return
        await storage.commit([sample(number++, Date.now())])
        latencies.push(performance.now() - sentAt)
      }
    }
    await Promise.all(Array.from({ length: callers }, call))
    return latencies
  },
})

/** A fixed rate, whatever the answers do; latency counts from the moment a message became due. */
const fixedRate = (storage: SqliteStorage, perSecond: number, durationMs: number): Load => ({
  spins: true,
  run: async () => {
    const latencies: number[] = []
    const total = Math.floor((perSecond * durationMs) / 1_000)
    const startedAt = performance.now()
    const answers: Promise<void>[] = []
    const send = async (number: number): Promise<void> => {
      await storage.commit([sample(number, Date.now())])
      latencies.push(performance.now() - (startedAt + (number * 1_000) / perSecond))
    }
    while (answers.length < total) {
      const due = 1 + Math.floor(((performance.now() - startedAt) * perSecond) / 1_000)
      while (answers.length < Math.min(due, total)) answers.push(send(answers.length))
      // A timer would be a millisecond late, and count as latency of the storage.
      await new Promise((resume) => setImmediate(resume))
    }
    await Promise.all(answers)
    return latencies
  },
})

/** Milliseconds of one fdatasync after a write of 4 KB: what the disk costs, whoever writes. */
const flushMs = (folder: string): number => {
  const file = openSync(join(folder, 'flush'), 'w')
  const block = Buffer.alloc(4096, 1)
  const times = Array.from({ length: 200 }, () => {
    const startedAt = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    return performance.now() - startedAt
  })
  closeSync(file)
  return quantile(
    times.sort((a, b) => a - b),
    0.5,
  )
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const HEAD = [
  '',
  'messages/s',
  'commits/s',
  'p50 ms',
  'p99 ms',
  'max ms',
  'CPU us',
  'block ms',
  'foreign cores',
]

const cellsOf = (result: Result): string[] => [
  result.way,
  (result.messages / result.seconds).toFixed(0),
  (result.batches / result.seconds).toFixed(0),
  quantile(result.latenciesMs, 0.5).toFixed(1),
  quantile(result.latenciesMs, 0.99).toFixed(1),
  quantile(result.latenciesMs, 1).toFixed(1),
  result.cpuUsPerMessage?.toFixed(1) ?? '-',
  result.longestBlockMs.toFixed(1),
  result.foreignCores.toFixed(2),
]

const printTable = (rows: readonly (readonly string[])[]): void => {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  for (const row of rows) {
    const padded = row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    )
    print(padded.join('  '))
  }
}

const OPTIONS = {
  seconds: { type: 'string', default: '5' },
  waiting: { type: 'string', default: '1,2000' },
  rates: { type: 'string', default: '500,3000,8000' },
  folder: { type: 'string', default: tmpdir() },
} as const

/**
 * `storage [--seconds 5] [--waiting 1,2000] [--rates 500,3000,8000] [--folder DIR]`: durable commits
 * of meter samples, one row with eight values each, into SQLite.
 */
export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  const durationMs = Number(values.seconds) * 1_000
  const folder = mkdtempSync(join(values.folder, 'busbar-bench-'))
  const path = join(folder, 'bench.db')
  try {
    const [{ model }] = cpus()
    print(
      `Storage: ${cpus().length} x ${model}, Linux ${release()}, Node ${process.version}, ` +
        `fdatasync ${flushMs(folder).toFixed(2)} ms in ${values.folder}`,
    )
    const clock = createSystemClock({ keepAlive: true })
    const storage = await openSqliteStorage({ path, clock, log })
    // The compiler's warm-up is no part of the result.
    await closedLoop(storage, 100, 500).run()
    const rows = [HEAD]
    for (const waiting of values.waiting.split(',').map(Number)) {
      const load = closedLoop(storage, waiting, durationMs)
      rows.push(cellsOf(await measure(`closed loop, ${waiting} waiting`, storage, load)))
    }
    for (const rate of values.rates.split(',').map(Number)) {
      const load = fixedRate(storage, rate, durationMs)
      rows.push(cellsOf(await measure(`${rate}/s`, storage, load)))
    }
    printTable(rows)
    print(`${await storage.count('sample')} messages stored`)
    await storage.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
