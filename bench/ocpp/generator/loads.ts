import { quantile } from '../../support/quantile.ts'
import type { Kind } from './messages.ts'
import { startMeter, type Cost } from './meter.ts'
import type { Faults, Station } from './station.ts'

export interface LoadOptions {
  /** Said by each station again and again, in this order. */
  readonly program: readonly Kind[]
  /** Not measured: compilers, caches and queues come to their working state. */
  readonly warmUpS: number
  readonly seconds: number
  readonly serverPid: number
}

export interface LoadResult extends Cost {
  readonly messages: number
}

export interface RateResult extends LoadResult {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** How late the generator itself sent what was due; part of the latency. */
  readonly lateP99Ms: number
}

/** Time for the last answers after the end of a load. */
const PATIENCE_MS = 10_000

const sleep = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms))

const settle = async (stations: readonly Station[], faults: Faults): Promise<void> => {
  const giveUpMs = performance.now() + PATIENCE_MS
  const waits = ({ busy, online }: Station): boolean => busy && online
  while (stations.some(waits) && performance.now() < giveUpMs) await sleep(20)
  for (const station of stations.filter(waits)) {
    faults.unanswered++
    if (faults.examples.length < 5) faults.examples.push(`${station.identity} got no answer`)
  }
}

/** Every station sends its next CALL as soon as the last is answered: the capacity. */
export const closedLoop = async (
  stations: readonly Station[],
  faults: Faults,
  { program, warmUpS, seconds, serverPid }: LoadOptions,
): Promise<LoadResult> => {
  let answers = 0
  let running = true
  const steps = new Map<Station, number>()
  const single = program.length === 1 ? program[0] : null
  const sendNext = (station: Station): void => {
    if (single !== null) return station.send(single)
    const step = (steps.get(station) ?? 0) % program.length
    steps.set(station, step + 1)
    station.send(program[step])
  }
  const listener = {
    answered: (station: Station): void => {
      answers++
      if (running) sendNext(station)
    },
  }
  for (const station of stations) {
    station.listener = listener
    sendNext(station)
  }
  await sleep(warmUpS * 1000)
  const before = answers
  const end = startMeter(serverPid)
  await sleep(seconds * 1000)
  const messages = answers - before
  const cost = end()
  running = false
  await settle(stations, faults)
  return { messages, ...cost }
}

/**
 * A fixed rate, whatever the answers do; latency counts from the moment a message became due, so a
 * server that stalls is charged for all that it kept waiting (no coordinated omission). A station
 * whose last CALL is not answered sends its next one afterwards, late.
 */
export const openLoop = async (
  stations: readonly Station[],
  faults: Faults,
  { program, warmUpS, seconds, serverPid }: LoadOptions,
  rate: number,
): Promise<RateResult> => {
  const total = Math.round(rate * (warmUpS + seconds))
  const uncounted = Math.round(rate * warmUpS)
  const latencies = new Float32Array(total - uncounted)
  const lateness = new Float32Array(total - uncounted)
  const waiting = new Map<Station, number[]>()
  let measured = 0
  let sent = 0
  const startedMs = performance.now()
  const countedFromMs = startedMs + (uncounted * 1000) / rate

  const send = (station: Station, dueMs: number): void => {
    station.dueMs = dueMs
    station.send(program[0])
  }
  const listener = {
    answered: (station: Station): void => {
      if (station.dueMs >= countedFromMs && measured < latencies.length) {
        latencies[measured++] = performance.now() - station.dueMs
      }
      const next = waiting.get(station)?.shift()
      if (next !== undefined) send(station, next)
    },
  }
  for (const station of stations) {
    station.listener = listener
    waiting.set(station, [])
  }

  let end: (() => Cost) | null = null
  while (sent < total) {
    const nowMs = performance.now()
    const due = Math.min(total, 1 + Math.floor(((nowMs - startedMs) * rate) / 1000))
    for (; sent < due; sent++) {
      const station = stations[sent % stations.length]
      const dueMs = startedMs + (sent * 1000) / rate
      if (sent >= uncounted) lateness[sent - uncounted] = nowMs - dueMs
      if (station.busy) waiting.get(station)?.push(dueMs)
      else send(station, dueMs)
    }
    if (end === null && sent >= uncounted) end = startMeter(serverPid)
    await sleep(1)
  }
  const cost = end!()
  await settle(stations, faults)
  const sorted = latencies.subarray(0, measured).sort()
  return {
    messages: measured,
    ...cost,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
    lateP99Ms: quantile(lateness.sort(), 0.99),
  }
}
