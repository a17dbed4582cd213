import { DateTime } from 'luxon'
import type {
  MeterContradiction,
  PhasesFixed,
  PlanCause,
  Reason,
  TransactionEnd,
} from '../domain/reason.ts'
import type { Site } from '../domain/site.ts'

/** Reasons as sentences for people, with the names of the site and times of its zone. */
export interface Words {
  reason(reason: Reason): string
}

export const createWords = (site: Site): Words => {
  const names = new Map(site.nodes.map(({ id, name }) => [id, name]))
  const nameOf = (nodeId: string): string => names.get(nodeId) ?? nodeId
  const local = (atMs: number): DateTime =>
    DateTime.fromMillis(atMs, { zone: site.timeZone, locale: 'en-US' })
  const clock = (atMs: number): string => local(atMs).toFormat('HH:mm')

  return {
    reason: (reason) => {
      switch (reason.code) {
        case 'node-limit': {
          const { nodeId, phase, limitA, loadA } = reason
          return `${nameOf(nodeId)} ${phase} is full: ${shared(amps(limitA), loadA, amps(loadA))}`
        }
        case 'node-power': {
          const { nodeId, limitW, loadW } = reason
          return `${nameOf(nodeId)} is full: ${shared(watts(limitW), loadW, watts(loadW))}`
        }
        case 'event-limit':
          return `Event ${reason.eventId} limits the power${of(reason)} to ${watts(reason.limitW)}`
        case 'event-node-limit': {
          const { eventId, nodeId, phase, limitA, loadA } = reason
          const others = loadA > 0 ? `; other loads take ${amps(loadA)}` : ''
          return `Event ${eventId} limits ${nameOf(nodeId)} ${phase} to ${amps(limitA)}${others}`
        }
        case 'event-evse-limit':
          return `Event ${reason.eventId} limits the current to ${amps(reason.limitA)}`
        case 'setpoint':
          return `Event ${reason.eventId} sets the power${of(reason)} to ${watts(reason.targetW)}`
        case 'evse-rating':
          return `The charger is rated ${amps(reason.maxA)}`
        case 'vehicle-draws-less':
          return `The vehicle draws at most ${amps(reason.drawA)}`
        case 'below-minimum':
          return `Less than ${amps(reason.minA)} is available, the minimum for charging`
        case 'waiting-turn':
          return `Waiting for its turn (${duration(reason.waitedS)} so far)`
        case 'minimum-off-time':
          return `Recently paused; can restart in ${duration(reason.remainingS)}`
        case 'plan': {
          const { targetA, untilMs, cause } = reason
          return targetA > 0
            ? `Planned at ${amps(targetA)} until ${clock(untilMs)}${because(PLANNED_LOW, cause)}`
            : `Scheduled to start at ${clock(untilMs)} or later${because(SCHEDULED, cause)}`
        }
        case 'phase-switch':
          return `Pausing for ${duration(reason.forS)} to switch to ${reason.phases === 1 ? 'one phase' : 'three phases'}`
        case 'one-phase': {
          const { phase, budgetW, threePhasesW } = reason
          return budgetW < threePhasesW
            ? `Charging on ${phase} only: three phases need ${watts(threePhasesW)}, and ${watts(budgetW)} is available`
            : `Charging on ${phase} only until enough power for three phases has been available for a while`
        }
        case 'one-phase-unproven':
          return `Counted on all phases until its meter confirms that it uses ${reason.phase} only`
        case 'phases-fixed':
          return `Stays on three phases: ${PHASES_FIXED[reason.cause]}`
        case 'ramp':
          return `Ramping to ${amps(reason.targetA)}`
        case 'room-pending':
          return `Will increase once other chargers have released ${amps(reason.waitingForA)}`
        case 'need-met':
          return `Target of ${energy(reason.energyWh)} reached`
        case 'no-session':
          return 'No active charging session'
        case 'offline':
          return reason.sinceMs > 0
            ? // It may have been for days.
              `Offline since ${local(reason.sinceMs).toFormat('d LLL HH:mm')}; what it may still draw stays reserved`
            : 'Offline; what it may still draw stays reserved'
        case 'planned':
          return 'Never connected; reserves nothing until it first connects'
        case 'reserved':
          return reserved(reason)
        case 'never-accepted':
          return 'The station has not accepted its failsafe limit yet, so its full rating is reserved'
        case 'station-external-limit':
          return `The station reports a limit of ${amps(reason.limitA)} set by ${reason.source}`
        case 'cannot-be-steered':
          return 'The station does not support charging profiles, so it counts at its full rating'
        case 'control-off':
          return 'Control of this station is off, so it counts at its full rating'
        case 'clock-unknown':
          return `The clock of the station is not known yet, so it stays at ${amps(reason.failsafeA)}`
        case 'failsafe-overruled': {
          const { failsafeA, limitA } = reason
          return `The station reports ${amps(limitA)} instead of its failsafe of ${amps(failsafeA)}: another charging profile overrules it`
        }
        case 'disobeys': {
          const { acceptedA, measuredA } = reason
          return `The station draws ${amps(measuredA)}, above the ${amps(acceptedA)} that it accepted`
        }
        case 'meter-stale':
          return reason.ageS < 0
            ? `No reading from meter ${reason.meterId} yet; using its design load`
            : `No reading from meter ${reason.meterId} for ${duration(reason.ageS)}; using its design load`
        case 'meter-contradicted': {
          const { meterId, cause, meteredA, devicesA } = reason
          return `Meter ${meterId} is not believed: ${CONTRADICTIONS[cause](amps(meteredA), amps(devicesA))}. Its design load counts; check its wiring and scale`
        }
        case 'failsafe':
          return `On its failsafe limit: ${reason.cause}`
        case 'transaction-ended':
          return transactionEnded(reason, clock)
        case 'no-answer':
          return `The station has not answered any command since ${clock(reason.sinceMs)}; it may draw up to ${amps(reason.allowsA)} until it answers`
        case 'start-current':
          return `The vehicle drew nothing from a smaller offer, so it is offered at least ${amps(reason.offerA)}`
        case 'wake-up':
          return `The vehicle draws nothing; it is paused for another ${duration(reason.forS)} and offered power again, which wakes some vehicles`
      }
    },
  }
}

const CONTRADICTIONS: Readonly<
  Record<MeterContradiction, (meteredA: string, devicesA: string) => string>
> = {
  'below-devices': (metered, devices) =>
    `it shows ${metered} while chargers behind it draw ${devices}`,
  frozen: (metered) => `it stays at ${metered} while the chargers behind it change`,
  implausible: (metered) => `it shows ${metered}, more than its connection can carry`,
  reversed: (metered) => `it shows ${metered} for a load that cannot feed in`,
}

/** Why the plan gives no more now. */
const PLANNED_LOW: Readonly<Record<PlanCause, string>> = {
  limit: 'because of this limit',
  'demand-charge': 'because more would raise the demand charge',
  price: 'because energy is cheaper later',
  need: 'which meets its energy need in time',
}

/** Why the plan gives nothing now. */
const SCHEDULED: Readonly<Record<PlanCause, string>> = {
  limit: 'because of this limit',
  'demand-charge': 'because charging now would raise the demand charge',
  price: 'when energy is cheaper',
  need: 'which meets its energy need in time',
}

/** Grants that older versions stored do not say it. */
const because = (texts: Readonly<Partial<Record<PlanCause, string>>>, cause: PlanCause): string => {
  const text = texts[cause]
  return text === undefined ? '' : `, ${text}`
}

const PHASES_FIXED: Readonly<Record<PhasesFixed, string>> = {
  unsupported: 'the station cannot switch phases',
  refused: 'the station refused to charge on one phase',
  'not-paused': 'the station did not pause before the switch',
  ignored: 'the vehicle drew on phases other than the one that was set',
  unmetered: 'the station does not measure the current of each phase',
  'used-up': 'it has reached the number of switches allowed per session',
}

/** `3 chargers that are offline reserve 96 A on L1: A, B, C`. */
const reserved = ({ cause, phase, amps: total, keys }: Reason & { code: 'reserved' }): string => {
  const isOne = keys.length === 1
  const who = isOne ? '1 charger' : `${keys.length} chargers`
  const that = `that ${RESERVED[cause][isOne ? 0 : 1]}`
  const shown = keys.slice(0, MAX_NAMED).join(', ')
  const rest = keys.length > MAX_NAMED ? ` and ${keys.length - MAX_NAMED} more` : ''
  return `${who} ${that} ${isOne ? 'reserves' : 'reserve'} ${amps(total)} on ${phase}: ${shown}${rest}`
}

const MAX_NAMED = 6

const RESERVED: Readonly<Record<(Reason & { code: 'reserved' })['cause'], [string, string]>> = {
  offline: ['is offline', 'are offline'],
  'never-accepted': ['has not accepted its failsafe', 'have not accepted their failsafe'],
  disobeys: ['exceeds its limit', 'exceed their limits'],
  failsafe: ['refuses its limit', 'refuse their limits'],
}

const TRANSACTION_ENDS: Readonly<Record<TransactionEnd, string>> = {
  'at-zero': 'The station ended the transaction at 0 A',
  interrupted: 'A reset or a power loss ended the transaction',
}

const transactionEnded = (
  { cause, next, attempts, nextAtMs }: Extract<Reason, { readonly code: 'transaction-ended' }>,
  clock: (atMs: number) => string,
): string => {
  const end = TRANSACTION_ENDS[cause]
  const times = attempts === 1 ? '1 remote start' : `${attempts} remote starts`
  switch (next) {
    case 'power':
      return `${end}; it is started again as soon as there is power for it`
    case 'answer':
      return `${end}; a remote start was sent`
    case 'retry':
      return `${end} and did not start again after ${times}; the next one is due at ${clock(nextAtMs)}`
    case 'person':
      return attempts > 0
        ? `${end} and did not start again after ${times}; start it by hand`
        : `${end} and remote starts are not possible or not allowed here; start it by hand`
  }
}

/** Whom an event means, where that is neither a node nor everybody. */
const of = ({ evses = 1 }: { readonly evses?: number }): string =>
  evses > 1 ? ` of ${evses} chargers together` : ''

/** What becomes of a limit. */
const shared = (limit: string, load: number, others: string): string =>
  load > 0
    ? `other loads take ${others} of its ${limit}, and vehicles share the rest`
    : `vehicles share its ${limit}`

const rounded = (value: number): string => String(Math.round(value * 10) / 10)

const amps = (value: number): string => `${rounded(value)} A`

const watts = (value: number): string =>
  Math.abs(value) < 1_000 ? `${rounded(value)} W` : `${rounded(value / 1_000)} kW`

const energy = (wh: number): string => `${rounded(wh / 1_000)} kWh`

const duration = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3_600)} h`
}
