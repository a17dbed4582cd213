import type { Clock } from '../../ports/clock.ts'
import type { CommandResult, StationGateway } from '../../ports/station-gateway.ts'
import { asComposite } from '../../engine/composite.ts'
import { asInstalled } from '../../engine/profile-stack.ts'
import { phaseCount } from '../../domain/wiring.ts'
import { isSilent } from '../faults.ts'
import { between } from '../random.ts'
import type { SimPort } from '../station.ts'
import type { VirtualFleet, VirtualLink } from './fleet.ts'

/** Commands that went to one station. */
export interface CommandCount {
  sent: number
  rejected: number
  timedOut: number
}

export interface VirtualGateway extends StationGateway {
  readonly counts: ReadonlyMap<string, CommandCount>
  /** Restarts stations that were asked to when idle. */
  step(nowMs: number): void
}

const MIN_LATENCY_MS = 200
const MAX_LATENCY_MS = 1500
const TIMEOUT_MS = 30_000
const MAX_WAITING = 50
const BOOT_MS = 15_000

type Act = (link: VirtualLink) => CommandResult

const done = (response: unknown): CommandResult => ({ ok: true, response })
const refused = (detail: string): CommandResult => ({
  ok: false,
  reason: 'rejected',
  detail,
  response: { status: 'Rejected' },
})

/**
 * Commands straight to the simulated stations: each takes effect after half its latency and is
 * answered after all of it (0.2 to 1.5 s, plus the station's own delay). One at a time per station.
 */
export const createVirtualGateway = (fleet: VirtualFleet, clock: Clock): VirtualGateway => {
  const counts = new Map(
    [...fleet.links.keys()].map((id) => [id, { sent: 0, rejected: 0, timedOut: 0 }]),
  )
  const waiting = new Map<string, (() => void)[]>()
  const restartWhenIdle = new Set<VirtualLink>()
  let transactions = 1_000_000

  const portOf = (link: VirtualLink, evseId: number | null): SimPort | undefined =>
    evseId === null
      ? link.station.ports.find((port) => port.vehicle && !port.transaction)
      : link.station.port(evseId)

  const next = (stationId: string): void => {
    const queue = waiting.get(stationId)!
    queue.shift()
    if (queue.length > 0) queue[0]()
  }

  const transmit = (
    link: VirtualLink,
    action: string,
    act: Act,
    answer: (result: CommandResult) => void,
  ): void => {
    const { id } = link.station.spec
    const { faults } = link.settings
    const count = counts.get(id)!
    const finish = (result: CommandResult): void => {
      if (!result.ok && result.reason === 'rejected') count.rejected++
      if (!result.ok && result.reason === 'timeout') count.timedOut++
      answer(result)
      next(id)
    }
    const lost: CommandResult = { ok: false, reason: 'timeout', detail: `${id} did not answer` }
    if (!link.online) {
      finish({ ok: false, reason: 'offline', detail: `${id} is not connected` })
      return
    }
    count.sent++
    const latencyMs =
      between(link.random, MIN_LATENCY_MS, MAX_LATENCY_MS) + (faults.answerDelayMs ?? 0)
    clock.after(latencyMs / 2, () => {
      const heard = link.online && !isSilent(faults, action)
      const result = heard ? act(link) : lost
      clock.after(heard ? latencyMs / 2 : TIMEOUT_MS, () => {
        finish(link.online || !heard ? result : lost)
      })
    })
  }

  const send = (stationId: string, action: string, act: Act): Promise<CommandResult> => {
    const link = fleet.links.get(stationId)
    if (!link?.online) {
      return Promise.resolve({
        ok: false,
        reason: 'offline',
        detail: `${stationId} is not connected`,
      })
    }
    const queue = waiting.get(stationId) ?? []
    waiting.set(stationId, queue)
    if (queue.length >= MAX_WAITING) {
      return Promise.resolve({
        ok: false,
        reason: 'busy',
        detail: `${MAX_WAITING} commands wait for ${stationId}`,
      })
    }
    return new Promise((resolve) => {
      queue.push(() => transmit(link, action, act, resolve))
      if (queue.length === 1) queue[0]()
    })
  }

  const restart = (link: VirtualLink): void => {
    link.station.shutDown()
    fleet.disconnect(link)
    link.nextChangeMs = clock.now() + BOOT_MS
    clock.after(BOOT_MS, () => link.station.startUp(clock.now()))
  }

  return {
    counts,
    step: () => {
      for (const link of restartWhenIdle) {
        if (link.station.ports.some((port) => port.transaction)) continue
        restartWhenIdle.delete(link)
        restart(link)
      }
    },
    online: (stationId) => fleet.links.get(stationId)?.online ?? false,
    setChargingProfile: (stationId, evseId, profile) =>
      send(stationId, 'SetChargingProfile', ({ station }) => {
        const why = station.install(asInstalled(profile, evseId))
        return why === null ? done({ status: 'Accepted' }) : refused(why)
      }),
    clearChargingProfile: (stationId, filter) =>
      send(stationId, 'ClearChargingProfile', ({ station }) =>
        done({ status: station.clear(filter) > 0 ? 'Accepted' : 'Unknown' }),
      ),
    getCompositeSchedule: async (stationId, evseId, durationS, unit) => {
      const result = await send(stationId, 'GetCompositeSchedule', ({ station }) => {
        const port = station.port(evseId) ?? station.ports[0]
        return done(
          asComposite(
            station.composite(evseId, durationS),
            station.ownTimeMs,
            unit,
            phaseCount(port.evse.wiring),
            port.phaseVoltageV,
          ),
        )
      })
      // What `act` above answers is a composite schedule and nothing else.
      return result as CommandResult<ReturnType<typeof asComposite>>
    },
    remoteStart: (stationId, evseId, idToken, profile) =>
      send(stationId, 'RemoteStartTransaction', (link) => {
        const port = portOf(link, evseId)
        const transactionId = String(transactions++)
        if (!port || !link.station.start(port, idToken, { transactionId })) {
          return refused('no vehicle waits there')
        }
        if (profile) {
          link.station.install(asInstalled({ ...profile, transactionId }, port.evse.evseId))
        }
        return done({ status: 'Accepted' })
      }),
    remoteStop: (stationId, transactionId) =>
      send(stationId, 'RemoteStopTransaction', ({ station }) => {
        const port = station.ports.find((each) => each.transaction?.transactionId === transactionId)
        return port && station.stop(port, 'remote')
          ? done({ status: 'Accepted' })
          : refused(`transaction ${transactionId} does not run`)
      }),
    reset: (stationId, kind) =>
      send(stationId, 'Reset', (link) => {
        if (kind === 'immediate') clock.after(0, () => restart(link))
        else restartWhenIdle.add(link)
        return done({ status: kind === 'immediate' ? 'Accepted' : 'Scheduled' })
      }),
    unlock: (stationId, evseId) =>
      send(stationId, 'UnlockConnector', (link) => {
        const port = portOf(link, evseId)
        if (!port) return refused(`there is no EVSE ${evseId}`)
        link.station.stop(port, 'unlocked')
        return done({ status: 'Unlocked' })
      }),
    changeAvailability: (stationId, evseId, operative) =>
      send(stationId, 'ChangeAvailability', ({ station }) => {
        for (const port of station.ports) {
          if (evseId === null || port.evse.evseId === evseId) station.setOperative(port, operative)
        }
        return done({ status: 'Accepted' })
      }),
    trigger: (stationId, message) =>
      send(stationId, 'TriggerMessage', (link) => {
        if (message === 'MeterValues') fleet.measure(link, clock.now())
        return done({ status: 'Accepted' })
      }),
    call: (stationId) =>
      Promise.resolve({
        ok: false,
        reason: 'invalid',
        detail: `${stationId} is simulated in virtual time and speaks no OCPP`,
      }),
  }
}
