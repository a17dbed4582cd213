import { print } from '../../support/table.ts'
import type { Options } from '../options.ts'
import { mustBeFlawless, type Subject } from '../subject.ts'
import { withSubjects, type Series } from './common.ts'
import { auditOf, measureLoop, printLoops, type Loop } from './loops.ts'
import { measureLatency, printLatencies, type Latency } from './latency.ts'

/** Measures the subjects in turns, so that what drifts meanwhile falls on all of them. */
const inTurns = async <T>(
  subjects: readonly Subject[],
  rounds: number,
  measure: (subject: Subject) => Promise<T | null>,
): Promise<Series<T>[]> => {
  const series = subjects.map(({ name }) => ({ server: name, rounds: [] as T[] }))
  for (let round = 0; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) {
      const measured = await measure(subject)
      if (measured !== null) series[index].rounds.push(measured)
    }
  }
  return series.filter(({ rounds: measured }) => measured.length > 0)
}

/** Capacity in a closed loop, and latency in an open one, of all servers side by side. */
export const runLoads = async (options: Options, folder: string): Promise<void> => {
  const { loads, rates, rounds, modes } = options
  await withSubjects(options, folder, async (subjects) => {
    const loops: Loop[] = []
    const latencies: Latency[] = []
    for (const load of modes.includes('loops') ? loads : []) {
      const measure = (subject: Subject) => measureLoop(subject, load, options)
      loops.push({ load, series: await inTurns(subjects, rounds, measure) })
    }
    const answering = subjects.filter(({ name }) => name !== 'echo')
    for (const rate of modes.includes('latency') ? rates : []) {
      const measure = (subject: Subject) => measureLatency(subject, rate, options)
      latencies.push({ rate, series: await inTurns(answering, rounds, measure) })
    }
    for (const subject of subjects) await mustBeFlawless(subject)
    for (const loop of loops) printLoops(options, loop)
    for (const latency of latencies) printLatencies(options, latency)
    for (const subject of subjects) {
      const audit = await auditOf(subject)
      if (audit !== null) print(`\n${audit}`)
    }
  })
}
