import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { startChild, type Child } from './child.ts'
import type { Arrival } from './generator/fleet.ts'
import type { Cost } from './generator/meter.ts'
import type { GeneratorRequest } from './generator/main.ts'
import type { Kind } from './generator/messages.ts'
import type { Faults } from './generator/station.ts'
import type { Options, ServerName } from './options.ts'
import type { ServerOptions, ServerRequest, Where } from './servers/serve.ts'

/** A server and its generator, each in a process of its own, for one stretch of measurements. */
export interface Subject {
  readonly name: ServerName
  readonly folder: string
  readonly server: Child
  readonly generator: Child
  tellServer<T>(request: ServerRequest): Promise<T>
  tellGenerator<T>(request: GeneratorRequest): Promise<T>
  /** Connects the fleet; rejects when one of its stations could not. */
  arrive(options: ArriveOptions): Promise<Arrival & Cost>
  /** Acknowledged numbers by station, and what went wrong. */
  report(): Promise<Report>
  stop(): Promise<void>
}

export interface ArriveOptions {
  readonly count: number
  readonly opening: number
  readonly hello: readonly Kind[]
}

export interface Report {
  readonly acknowledged: readonly (readonly [identity: string, number: number])[]
  readonly faults: Faults
}

const PASSWORD = 'bench-password-1'
let started = 0

/** `stations`: how many the server must know. */
export const startSubject = async (
  name: ServerName,
  options: Options,
  folder: string,
  stations: number,
): Promise<Subject> => {
  const own = join(folder, `${++started}-${name}`)
  mkdirSync(own)
  const settings: ServerOptions = {
    protocol: options.protocol,
    stations,
    password: PASSWORD,
    folder: own,
  }
  const { profile } = options
  // A folder each: every thread writes a profile of its own.
  const profiling =
    profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profile, basename(own))}`]
  const server = startChild(
    join(import.meta.dirname, 'servers', `${name}.ts`),
    [JSON.stringify(settings)],
    join(own, 'output.log'),
    profiling,
  )
  const generator = startChild(
    join(import.meta.dirname, 'generator', 'main.ts'),
    [],
    join(own, 'generator.log'),
  )
  const tellServer = <T>(request: ServerRequest): Promise<T> => server.ask<T>(request)
  const tellGenerator = <T>(request: GeneratorRequest): Promise<T> => generator.ask<T>(request)
  const where = await tellServer<Where>({ do: 'where' })

  return {
    name,
    folder: own,
    server,
    generator,
    tellServer,
    tellGenerator,
    arrive: async ({ count, opening, hello }) => {
      const arrival = await tellGenerator<Arrival & Cost>({
        do: 'arrive',
        serverPid: server.pid,
        host: '127.0.0.1',
        ...where,
        protocol: options.protocol,
        password: PASSWORD,
        count,
        opening,
        hello: name === 'echo' ? [] : hello,
      })
      if (arrival.failed > 0) {
        throw new Error(
          `${arrival.failed} of ${count} stations did not arrive at ${name}: ${arrival.example}`,
        )
      }
      return arrival
    },
    report: () => tellGenerator<Report>({ do: 'report' }),
    stop: async () => {
      await generator.stop()
      await server.stop()
    },
  }
}

/** Throws when anything went wrong: a run with errors is no result. */
export const mustBeFlawless = async (subject: Subject): Promise<Report> => {
  const report = await subject.report()
  const { callErrors, wrongIds, drops, unanswered, examples } = report.faults
  if (callErrors + wrongIds + drops + unanswered === 0) return report
  throw new Error(
    `${subject.name}: ${callErrors} CALLERRORs, ${wrongIds} wrong answers, ${drops} drops, ` +
      `${unanswered} unanswered; no result. ${examples.join(' | ')}`,
  )
}
