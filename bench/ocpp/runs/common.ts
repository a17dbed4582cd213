import { median } from '../../support/quantile.ts'
import { print } from '../../support/table.ts'
import type { Options } from '../options.ts'
import type { ServerName } from '../options.ts'
import { startSubject, type Subject } from '../subject.ts'

/** A complete central system sets its stations up after they have booted, and limits them. */
const QUIET = { quietS: 1, atMostS: 120 }

/** Connects a fleet whose stations all charge, and waits until nobody asks them anything. */
export const inTransaction = async (subject: Subject, count: number): Promise<void> => {
  await subject.arrive({ count, opening: 100, hello: ['boot', 'status', 'start'] })
  await settled(subject)
}

/** Waits until the server has asked the stations nothing for a while. */
export const settled = (subject: Subject): Promise<void> =>
  subject.tellGenerator<void>({ do: 'rest', ...QUIET })

/** All servers at once, each with a fleet that charges; stops them whatever happens. */
export const withSubjects = async (
  options: Options,
  folder: string,
  work: (subjects: readonly Subject[]) => Promise<void>,
): Promise<void> => {
  const subjects: Subject[] = []
  try {
    for (const name of options.servers) {
      const subject = await startSubject(name, options, folder, options.stations)
      subjects.push(subject)
      await inTransaction(subject, options.stations)
    }
    await work(subjects)
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()))
  }
}

/** A server's measurements, one per round. */
export interface Series<T> {
  readonly server: ServerName
  readonly rounds: readonly T[]
}

/** The middle of a quantity over the rounds. */
export const middle = <T>(rounds: readonly T[], pick: (round: T) => number): number =>
  median(rounds.map(pick))

/**
 * What share of the reference's quantity a server reaches, round by round, so that both sides of
 * each ratio were measured within seconds of one another: the middle, and the lowest in brackets.
 */
export const ratioTo = <T>(
  reference: Series<T> | undefined,
  own: Series<T>,
  pick: (round: T) => number,
): string => {
  if (reference === undefined || reference.rounds.length === 0) return '-'
  const ratios = own.rounds.map((round, index) => pick(round) / pick(reference.rounds[index]))
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)})`
}

/** Cores that others took, above which a measurement says little. */
const FOREIGN_CORES = 0.25

/** Says so when others were at work meanwhile. */
export const warnOfForeign = (foreignCores: readonly number[]): void => {
  const disturbed = foreignCores.filter((cores) => cores > FOREIGN_CORES).length
  if (disturbed === 0) return
  print(
    `! other programs took more than ${FOREIGN_CORES} of a core in ${disturbed} of ` +
      `${foreignCores.length} measurements: ratios and CPU times hold better than rates`,
  )
}
