import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Random } from '../../ports/random.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createRpcClient, isForgotten, type RpcClient } from './rpc-client.ts'
import { checkCommand } from './rpc-schemas.ts'
import type { Outage, ResolvedStation, SimProtocol } from '../settings.ts'
import type { SimPort, SimStation } from '../station.ts'

/** A simulated station that speaks OCPP over a WebSocket. */
export interface ChargePoint {
  readonly station: SimStation
  start(): void
  stop(): Promise<void>
  /** Connected, and its boot was accepted. */
  ready(): boolean
  /** A driver shows a card at a port. */
  present(port: SimPort, idToken: string): void
}

export interface ChargePointOptions {
  readonly station: SimStation
  readonly settings: Pick<ResolvedStation, 'meterIntervalS' | 'outages'>
  /** Endpoint without the identity. */
  readonly url: string
  readonly password: string | null
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** What differs between the versions of OCPP; called by the uplink. */
export interface Dialogue {
  readonly protocol: SimProtocol
  bootPayload(reason: BootReason): object
  /** Connected and accepted: tell the status of everything. */
  announce(): void
  /** Once a second while powered: what is due by the station's own intervals. */
  tick(nowMs: number): void
  /** Answers a command whose payload has been checked; throws `RpcFault`. */
  handle(action: string, payload: unknown): object
}

export type BootReason = 'power-up' | 'remote' | 'triggered'

/** What a dialogue works with. */
export interface Uplink {
  readonly outbox: Outbox
  ready(): boolean
  call: RpcClient['call']
  /** Own clock, ISO 8601. */
  timestamp(): string
  heartbeatS: number
  /** Runs after the answer to the present command has left. */
  soon(run: () => void): void
  /** A timer that ends with the charge point. */
  later(delayMs: number, run: () => void): void
  boot(reason: BootReason): void
  heartbeat(): void
  /** Powers down, and up again after a while. */
  reboot(): void
}

const BOOT_TAKES_MS = 5000
const DEFAULT_RETRY_S = 10
const DEFAULT_HEARTBEAT_S = 300

/** Length of an exponentially distributed wait. */
const drawWaitMs = (random: Random, meanS: number): number =>
  -Math.log(1 - random.next()) * meanS * 1000

/** Connection, boot, heartbeat, outages and restarts: the life of a station in every version. */
export const createUplink = (
  options: ChargePointOptions,
  dialogueOf: (uplink: Uplink) => Dialogue,
): Pick<ChargePoint, 'start' | 'stop' | 'ready'> & { readonly uplink: Uplink } => {
  const { station, clock, random, log } = options
  const { id, faults } = station.spec
  const { disconnects } = faults
  let booted = false
  let bootReason: BootReason = 'power-up'
  let heartbeatDueMs = Infinity
  let startedAtMs = 0
  let dropDueMs = Infinity
  let outage: Outage | null = null
  const cancels = new Set<() => void>()

  /** A timer that `stop` takes back. */
  const later = (delayMs: number, run: () => void): void => {
    const cancel = clock.after(delayMs, () => {
      cancels.delete(cancel)
      run()
    })
    cancels.add(cancel)
  }

  const becomeReady = (): void => {
    heartbeatDueMs = clock.now() + uplink.heartbeatS * 1000
    dialogue.announce()
    uplink.outbox.resume()
  }

  const boot = async (): Promise<void> => {
    const outcome = await rpc.call('BootNotification', dialogue.bootPayload(bootReason))
    if (!rpc.connected()) return
    // Both versions answer with status and interval.
    const answer = outcome.ok ? (outcome.response as { status?: string; interval?: number }) : {}
    if (answer.status === 'Accepted') {
      booted = true
      if (answer.interval) uplink.heartbeatS = answer.interval
      becomeReady()
      return
    }
    later(1000 * (answer.interval || DEFAULT_RETRY_S), () => {
      if (!booted && rpc.connected()) uplink.boot(bootReason)
    })
  }

  const rpc = createRpcClient({
    url: options.url,
    identity: id,
    protocol: station.spec.version === '1.6' ? 'ocpp1.6' : 'ocpp2.0.1',
    password: options.password,
    faults,
    clock,
    random,
    log,
    opened: () => {
      if (disconnects) dropDueMs = clock.now() + drawWaitMs(random, disconnects.everyS)
      // No boot after a mere loss of connection: the station is the same as before.
      if (booted) becomeReady()
      else uplink.boot(bootReason)
    },
    closed: () => {
      heartbeatDueMs = Infinity
      dropDueMs = Infinity
      uplink.outbox.pause()
    },
    handle: (action, payload) => {
      checkCommand(dialogue.protocol, action, payload)
      return dialogue.handle(action, payload)
    },
  })

  /** A station that the central system has forgotten boots again. */
  const call: RpcClient['call'] = async (action, payload) => {
    const outcome = await rpc.call(action, payload)
    if (booted && isForgotten(outcome)) {
      booted = false
      uplink.outbox.pause()
      uplink.boot('power-up')
    }
    return outcome
  }

  const uplink: Uplink = {
    outbox: createOutbox({ call }, later, log),
    heartbeatS: DEFAULT_HEARTBEAT_S,
    ready: () => booted && rpc.connected(),
    call,
    timestamp: () => new Date(clock.now() + station.offsetMs).toISOString(),
    soon: (run) => later(20, run),
    later,
    boot: (reason) => {
      bootReason = reason
      boot().catch((error: unknown) => log.error({ err: error }, 'The boot failed'))
    },
    heartbeat: () => {
      heartbeatDueMs = clock.now() + uplink.heartbeatS * 1000
      void call('Heartbeat', {})
    },
    reboot: () => {
      uplink.outbox.pause()
      booted = false
      station.shutDown()
      bootReason = 'remote'
      rpc.drop(BOOT_TAKES_MS)
      later(BOOT_TAKES_MS - 100, () => station.startUp(clock.now()))
    },
  }
  const dialogue = dialogueOf(uplink)

  const endOf = ({ fromS, forS }: Outage): number => startedAtMs + (fromS + forS) * 1000

  const tick = (): void => {
    const nowMs = clock.now()
    const due = options.settings.outages.find(
      (each) => nowMs >= startedAtMs + each.fromS * 1000 && nowMs < endOf(each),
    )
    if (due && due !== outage) rpc.drop(endOf(due) - nowMs)
    outage = due ?? null
    if (disconnects && nowMs >= dropDueMs) rpc.drop(drawWaitMs(random, disconnects.forS))
    if (nowMs >= heartbeatDueMs) uplink.heartbeat()
    if (station.powered) dialogue.tick(nowMs)
  }

  return {
    uplink,
    ready: () => uplink.ready(),
    start: () => {
      startedAtMs = clock.now()
      station.startUp(startedAtMs)
      rpc.start()
      cancels.add(clock.every(1000, tick))
    },
    stop: async () => {
      for (const cancel of cancels) cancel()
      cancels.clear()
      uplink.outbox.pause()
      await rpc.stop()
    },
  }
}
