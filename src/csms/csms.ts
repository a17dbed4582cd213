import { createAudit } from './audit.ts'
import { createAuthorization } from './authorization.ts'
import { createPublish } from './changes.ts'
import { createConnections } from './connections.ts'
import { createDataTransfer } from './data-transfer.ts'
import { createEvses } from './evses.ts'
import { createExternalLimits } from './external-limits.ts'
import { createGhosts } from './ghosts.ts'
import { createIdTokens } from './id-tokens.ts'
import { createJournal } from './journal.ts'
import { createMeterValues } from './meter-values.ts'
import { createMissingEvents } from './missing-events.ts'
import { createNotices } from './notices.ts'
import { DEFAULTS, type CsmsOptions } from './options.ts'
import { restoreTransactions } from './restore.ts'
import { createSessions } from './sessions.ts'
import { createSetupQueue } from './setup-queue.ts'
import { createStations } from './stations.ts'
import { createStatusNotifications } from './status-notifications.ts'
import { createTransactionBook } from './transaction-book.ts'
import { createTransactionEvents } from './transaction-events.ts'
import { createTransactionLife } from './transaction-life.ts'
import { createTransactions } from './transactions.ts'
import { createUnanswered } from './unanswered.ts'
import { createVariables } from './variables.ts'

/** How often set-ups are started, and silent connections and lost transactions are looked for. */
const SETUP_PUMP_MS = 1_000
const CONNECTIONS_SWEEP_MS = 1_000
const GHOSTS_SWEEP_MS = 30_000

export type Csms = ReturnType<typeof createCsms>

/**
 * The central system, free of OCPP versions: it owns stations, EVSE states, sessions, transactions
 * and tokens. Its state is in memory; `load` fills it from the storage before anything connects.
 */
export const createCsms = (given: CsmsOptions) => {
  const options = { ...DEFAULTS, ...given }
  const { clock, random, storage, fabric, log, site, admission, heartbeatIntervalS } = options
  const publish = createPublish(fabric, clock)
  const journal = createJournal(storage, log)
  const audit = createAudit(clock, publish, journal)
  const shared = { clock, random, storage, log, publish, journal, audit, site }

  const stations = createStations({
    ...shared,
    settings: options.stations,
    unknownStations: options.unknownStations,
    maxQuarantined: options.maxQuarantined,
  })
  const evses = createEvses({ ...shared, stations })
  const setup = createSetupQueue(admission, clock, log)
  const connections = createConnections({
    ...shared,
    stations,
    setup,
    heartbeatIntervalS,
    admission,
  })
  const sessions = createSessions({
    ...shared,
    stations,
    evses,
    defaultNeed: options.defaultNeed,
  })
  const idTokens = createIdTokens(storage, journal, audit, options.idTokens)
  const book = createTransactionBook({ ...shared, stations })
  const authorization = createAuthorization({
    clock,
    log,
    idTokens,
    book,
    policy: options.authorization,
  })
  const life = createTransactionLife({ ...shared, book, sessions, evses })
  const meterValues = createMeterValues({ ...shared, evses, sessions, book, life })
  const missingEvents = createMissingEvents({ clock, log, stations })
  const parts = {
    ...shared,
    missingEvents,
    stations,
    evses,
    sessions,
    book,
    life,
    meterValues,
    authorization,
  }
  const transactions = createTransactions(parts)
  const transactionEvents = createTransactionEvents(parts)
  const statusNotifications = createStatusNotifications(parts)
  const ghosts = createGhosts({ ...parts, ghostAfterMs: options.ghostAfterS * 1_000 })
  let timers: (() => void)[] = []

  return {
    fleet: evses.fleet,
    stations,
    evses,
    connections,
    setup,
    sessions,
    idTokens,
    authorization,
    transactions,
    transactionEvents,
    missingEvents,
    meterValues,
    statusNotifications,
    variables: createVariables(clock, storage, journal),
    dataTransfer: createDataTransfer(options.dataTransfer),
    notices: createNotices(audit, stations),
    externalLimits: createExternalLimits(stations),
    unanswered: createUnanswered({ clock, log, stations }),
    audit,
    journal,

    /** Everything that survived the last run. Await it before the first station may connect. */
    load: async (): Promise<void> => {
      await stations.load()
      await Promise.all([evses.load(), idTokens.load(), sessions.load()])
      await restoreTransactions(storage, evses, sessions, await book.load())
    },

    start: (): void => {
      timers = [
        clock.every(SETUP_PUMP_MS, setup.pump),
        clock.every(CONNECTIONS_SWEEP_MS, connections.sweep),
        clock.every(GHOSTS_SWEEP_MS, ghosts.sweep),
        clock.every(GHOSTS_SWEEP_MS, missingEvents.sweep),
      ]
    },

    /** Resolves when everything that was noted has reached the storage. */
    stop: async (): Promise<void> => {
      for (const cancel of timers) cancel()
      timers = []
      await journal.settled()
    },
  }
}
