import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { createSystemClock } from '../../../src/fabric/system-clock.ts'
import type { Log } from '../../../src/ports/log.ts'
import { openSqliteStorage } from '../../../src/storage/sqlite/storage.ts'
import { print } from '../../support/table.ts'
import { FIRST_NUMBER } from '../generator/station.ts'
import type { Options } from '../options.ts'
import { startSubject, type Report, type Subject } from '../subject.ts'
import { inTransaction } from './common.ts'

const silent: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (fields, message) => print(`${message} ${JSON.stringify(fields)}`),
  child: () => silent,
}

interface Loss {
  readonly acknowledged: number
  readonly lost: number
  readonly twice: number
}

/** Every meter value carries a number of its station; the start of its transaction took the first. */
const compare = async (subject: Subject, { acknowledged }: Report): Promise<Loss> => {
  const storage = await openSqliteStorage({
    path: join(subject.folder, 'bench.sqlite'),
    clock: createSystemClock({ keepAlive: true }),
    log: silent,
  })
  const stored = new Map<string, Set<number>>()
  let twice = 0
  for (const { stationId, values } of await storage.query('sample')) {
    const [[, , , number]] = values as [[string, string, string, number]]
    const known = stored.get(stationId!) ?? new Set()
    if (known.has(number)) twice++
    stored.set(stationId!, known.add(number))
  }
  await storage.stop()
  let count = 0
  let lost = 0
  for (const [identity, last] of acknowledged) {
    for (let number = FIRST_NUMBER + 2; number <= last; number++) {
      count++
      if (!stored.get(identity)?.has(number)) lost++
    }
  }
  return { acknowledged: count, lost, twice }
}

/** `kill -9` in mid-load: what was acknowledged is stored, once. Throws when it is not. */
export const runCrash = async (options: Options, folder: string): Promise<void> => {
  const total = { acknowledged: 0, lost: 0, twice: 0 }
  for (let kill = 1; kill <= options.kills; kill++) {
    const subject = await startSubject('busbar', options, folder, options.stations)
    try {
      await inTransaction(subject, options.stations)
      const load = subject.tellGenerator({
        do: 'closed',
        program: ['meter'],
        warmUpS: 0,
        seconds: 3,
        serverPid: subject.server.pid,
      })
      await sleep(500 + 2_000 * Math.random())
      await subject.server.kill()
      await load
      const loss = await compare(subject, await subject.report())
      total.acknowledged += loss.acknowledged
      total.lost += loss.lost
      total.twice += loss.twice
    } finally {
      await subject.stop()
    }
  }
  print(
    `\ncrash, ${options.kills} x kill -9 in mid-load, ${options.stations} stations: ` +
      `${total.acknowledged} meter values were acknowledged, ${total.lost} of them were lost, ` +
      `${total.twice} are stored twice`,
  )
  if (total.lost + total.twice > 0) throw new Error('Acknowledged meter values were not kept once')
}
