import { Counter, Gauge, type Registry } from 'prom-client'
import type { ApiDeps, StorageStats } from '../deps.ts'
import type { StreamHub } from '../stream/hub.ts'

/** A total that somebody else counts. */
const total = (register: Registry, name: string, help: string, read: () => number): void => {
  const counter = new Counter({
    name,
    help,
    registers: [register],
    collect: () => {
      counter.reset()
      counter.inc(read())
    },
  })
}

const gauge = (register: Registry, name: string, help: string, read: () => number): void => {
  const made = new Gauge({
    name,
    help,
    registers: [register],
    collect: () => {
      made.set(read())
    },
  })
}

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Totals of the OCPP edge under their own names; a record in it is one total with a label. */
const collectOcpp = (register: Registry, read: () => object): void => {
  for (const [name, first] of Object.entries(read())) {
    const full = `busbar_ocpp_${snake(name)}_total`
    const now = (): unknown => (read() as Record<string, unknown>)[name]
    if (typeof first === 'number') {
      total(register, full, `OCPP: ${snake(name).replaceAll('_', ' ')}`, () => Number(now()))
    } else if (typeof first === 'object' && first !== null) {
      const counter = new Counter({
        name: full,
        help: `OCPP: ${snake(name)} by kind`,
        labelNames: ['kind'],
        registers: [register],
        collect: () => {
          counter.reset()
          for (const [kind, value] of Object.entries(now() as object)) {
            counter.inc({ kind }, Number(value))
          }
        },
      })
    }
  }
}

const STORAGE: readonly (readonly [keyof StorageStats, 'total' | 'gauge', string])[] = [
  ['records', 'total', 'Records that became durable'],
  ['batches', 'total', 'Commits to the disk'],
  ['refusedCommits', 'total', 'Commits that were refused because too much was waiting'],
  ['droppedAppends', 'total', 'Buffered records that were lost'],
  ['waitingRecords', 'gauge', 'Records that wait to be written'],
  ['waitingBytes', 'gauge', 'Bytes that wait to be written'],
  ['waitingQueries', 'gauge', 'Queries that wait to be answered'],
]

const collectStorage = (register: Registry, read: () => StorageStats | null): void => {
  if (read() === null) return
  for (const [key, kind, help] of STORAGE) {
    const name = `busbar_storage_${snake(key)}`
    const now = (): number => read()?.[key] ?? 0
    if (kind === 'total') total(register, `${name}_total`, help, now)
    else gauge(register, name, help, now)
  }
}

/** The OCPP edge, the control loop, the storage and the streams. */
export const collectProcess = (
  register: Registry,
  { metrics }: Pick<ApiDeps, 'metrics'>,
  streams: Pick<StreamHub, 'stats'>,
): void => {
  const { ocpp, connections, ticks, storage } = metrics
  collectOcpp(register, ocpp)
  collectStorage(register, storage)
  gauge(register, 'busbar_ocpp_open_connections', 'Stations connected now', connections)
  total(register, 'busbar_ticks_total', 'Control ticks', () => ticks().count)
  total(register, 'busbar_tick_seconds_total', 'Time spent in control ticks', () => ticks().totalS)
  gauge(register, 'busbar_tick_last_seconds', 'Time of the last control tick', () => ticks().lastS)
  gauge(register, 'busbar_tick_longest_seconds', 'Longest control tick', () => ticks().longestS)
  gauge(register, 'busbar_api_streams', 'Open streams', () => streams.stats().open)
  total(
    register,
    'busbar_api_stream_missed_total',
    'Messages that slow clients missed',
    () => streams.stats().missed,
  )
}
