import { DateTime } from 'luxon'
import type { PhasesFixed, Reason, TransactionEnd } from '../domain/reason.ts'
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
        case 'event-evse-limit':
          return `Event ${reason.eventId} limits the current to ${amps(reason.limitA)}`
        case 'setpoint':
          return `Event ${reason.eventId} asks for ${watts(reason.targetW)}${of(reason)}`
        case 'evse-rating':
          return `The charger is built for ${amps(reason.maxA)}`
        case 'vehicle-draws-less':
          return `The vehicle takes no more than ${amps(reason.drawA)}`
        case 'below-minimum':
          return `What is left is less than ${amps(reason.minA)}, the least that charges a vehicle`
        case 'waiting-turn':
          return `It waits for its turn, so far for ${duration(reason.waitedS)}`
        case 'minimum-off-time':
          return `It was paused a moment ago and rests for another ${duration(reason.remainingS)}`
        case 'plan': {
          const { targetA, untilMs } = reason
          return targetA > 0
            ? `The plan keeps it at ${amps(targetA)} until ${clock(untilMs)}`
            : `The plan lets it wait until ${clock(untilMs)} at least`
        }
        case 'phase-switch':
          return `It pauses for another ${duration(reason.forS)} to go on with ${reason.phases === 1 ? 'one phase' : 'three phases'}`
        case 'one-phase': {
          const { phase, budgetW, threePhasesW } = reason
          return budgetW < threePhasesW
            ? `It is on ${phase} alone: three phases need ${watts(threePhasesW)}, there are ${watts(budgetW)}`
            : `It is on ${phase} alone until there has been enough for three phases for a while`
        }
        case 'one-phase-unproven':
          return `Until its meter has shown that it keeps to ${reason.phase}, its current counts on all lines`
        case 'phases-fixed':
          return `It stays on three phases: ${PHASES_FIXED[reason.cause]}`
        case 'ramp':
          return `The power changes step by step, now towards ${amps(reason.targetA)}`
        case 'room-pending':
          return `It rises as soon as others have given up ${amps(reason.waitingForA)}`
        case 'need-met':
          return `The vehicle has the ${energy(reason.energyWh)} that it was to get`
        case 'no-session':
          return 'Nothing is being charged here'
        case 'offline':
          return reason.sinceMs > 0
            ? // It may have been for days.
              `The station has been offline since ${local(reason.sinceMs).toFormat('d LLL HH:mm')}`
            : 'The station is offline'
        case 'never-accepted':
          return 'The station has not accepted its failsafe limit yet, so it counts at its full rating'
        case 'disobeys': {
          const { acceptedA, measuredA } = reason
          return `The station draws ${amps(measuredA)} although it accepted ${amps(acceptedA)}`
        }
        case 'meter-stale':
          return reason.ageS < 0
            ? `Meter ${reason.meterId} has said nothing yet, so its fallback counts`
            : `Meter ${reason.meterId} has been silent for ${duration(reason.ageS)}, so its fallback counts`
        case 'failsafe':
          return `It stays on its failsafe: ${reason.cause}`
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

const PHASES_FIXED: Readonly<Record<PhasesFixed, string>> = {
  unsupported: 'the station says that it cannot switch',
  refused: 'the station refused to charge on one',
  'not-paused': 'the station did not pause when it was to switch',
  ignored: 'the vehicle drew on other phases than the station was told',
  unmetered: 'the station does not measure the current of each phase',
  'used-up': 'it has switched as often as it may in one session',
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
    ? `other loads take ${others} of its ${limit}, vehicles share the rest`
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
