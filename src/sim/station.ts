import type { EvseStatus } from '../domain/session.ts'
import type { Evse } from '../domain/site.ts'
import { lineCount, type Supply } from '../domain/wiring.ts'
import {
  compositeSegments,
  limitAt,
  stationSegments,
  type Segment,
  type StackView,
} from '../engine/composite.ts'
import {
  installProfile,
  matchesCriteria,
  type InstalledProfile,
  type ProfileCriteria,
} from '../engine/profile-stack.ts'
import {
  createEvse,
  openContactor,
  pilotOf,
  plugIn,
  stepEvse,
  unplug,
  useTerminals,
  type SimEvse,
} from './evse.ts'
import { clockOffsetMs, type StationFaults } from './faults.ts'
import { rejection, type OcppVersion } from './profile-rules.ts'
import type { StationModel } from './station-models.ts'
import type { Vehicle } from './vehicle.ts'

/**
 * A charging station without its protocol: EVSEs, profile store, transactions, status. The OCPP
 * clients and the virtual fleet both drive this one, so that both modes have the same physics.
 */

export interface StationSpec {
  readonly id: string
  readonly version: OcppVersion
  readonly model: StationModel
  readonly faults: StationFaults
  readonly evses: readonly Evse[]
  readonly supply: Supply
}

export interface SimTransaction {
  /** 1.6: given by the central system, `null` until then. 2.x: given by the station. */
  transactionId: string | null
  readonly idToken: string
  readonly startedAtMs: number
  readonly meterStartWh: number
  /** Remote start that caused it (2.x). */
  readonly remoteStartId: number | null
  /** Next sequence number (2.x). */
  seqNo: number
}

export type StopReason = 'unplugged' | 'local' | 'remote' | 'deauthorized' | 'reboot' | 'unlocked'

export type StationEvent =
  | { readonly kind: 'plugged' | 'unplugged' | 'status'; readonly port: SimPort }
  | { readonly kind: 'started'; readonly port: SimPort; readonly transaction: SimTransaction }
  | {
      readonly kind: 'stopped'
      readonly port: SimPort
      readonly transaction: SimTransaction
      readonly reason: StopReason
    }

/** One EVSE of a station with what the station knows about it. */
export interface SimPort extends SimEvse {
  status: EvseStatus
  operative: boolean
  transaction: SimTransaction | null
  /** Why the last transaction of the present vehicle ended; `null` = none did. */
  ended: StopReason | null
  /** Seconds without current during a transaction. */
  quietS: number
  /** What the profiles allow per conductor, and until when that holds. */
  limitA: number
  limitUntilMs: number
  /** The defaults at the start of the transaction, for stations that cling to them. */
  oldDefaults: readonly InstalledProfile[]
}

/** A vehicle that pauses shorter than this still counts as charging. */
const SUSPENDED_AFTER_S = 10
const CHARGING_ABOVE_A = 0.5

export class SimStation {
  readonly spec: StationSpec
  readonly ports: readonly SimPort[]
  #stack: readonly InstalledProfile[] = []
  #nowMs = 0
  #powered = true
  #offsetMs = 0
  #listener: (event: StationEvent) => void = () => {}

  constructor(spec: StationSpec, registersWh: readonly number[]) {
    this.spec = spec
    this.ports = spec.evses.map((evse, index) => createPort(evse, spec.supply, registersWh[index]))
  }

  get profiles(): readonly InstalledProfile[] {
    return this.#stack
  }

  get powered(): boolean {
    return this.#powered
  }

  /** What the station's own clock is ahead of the true time. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  /** Time of the last step by the station's own clock. */
  get ownTimeMs(): number {
    return this.#nowMs + this.#offsetMs
  }

  port(evseId: number): SimPort | undefined {
    return this.ports.find((port) => port.evse.evseId === evseId)
  }

  /** One listener: the protocol client, or the virtual central system. */
  listen(listener: (event: StationEvent) => void): void {
    this.#listener = listener
  }

  /** Advances to `toMs`, `dtS` seconds after the last step. Idle ports cost nothing. */
  step(toMs: number, dtS: number): void {
    this.#nowMs = toMs
    for (const port of this.ports) {
      if (!port.vehicle) continue
      const permitted = this.#powered && port.transaction !== null
      if (permitted && toMs >= port.limitUntilMs) this.#refreshLimit(port)
      stepEvse(port, port.limitA, permitted, dtS)
      port.quietS = port.currentA > CHARGING_ABOVE_A ? 0 : port.quietS + dtS
      this.#updateStatus(port)
    }
  }

  plugIn(port: SimPort, vehicle: Vehicle): void {
    plugIn(port, vehicle)
    port.ended = null
    this.#listener({ kind: 'plugged', port })
    this.#updateStatus(port)
  }

  unplug(port: SimPort): void {
    this.stop(port, 'unplugged')
    unplug(port)
    port.ended = null
    this.#listener({ kind: 'unplugged', port })
    this.#updateStatus(port)
  }

  /** Starts a transaction; `false` when one runs, no vehicle is there or the port is off. */
  start(port: SimPort, idToken: string, details: Partial<SimTransaction> = {}): boolean {
    if (port.transaction || !port.vehicle || !port.operative || !this.#powered) return false
    const transaction: SimTransaction = {
      transactionId: null,
      startedAtMs: this.#nowMs,
      meterStartWh: port.registerWh,
      remoteStartId: null,
      seqNo: 0,
      ...details,
      idToken,
    }
    port.transaction = transaction
    port.oldDefaults = this.#stack.filter((profile) => profile.purpose === 'tx-default')
    port.quietS = 0
    this.#forgetLimits()
    this.#refreshLimit(port)
    port.pilotA = pilotOf(port.evse, port.limitA)
    this.#listener({ kind: 'started', port, transaction })
    this.#updateStatus(port)
    return true
  }

  /** `false` when no transaction runs. The vehicle stays plugged in. */
  stop(port: SimPort, reason: StopReason): boolean {
    const { transaction } = port
    if (!transaction) return false
    openContactor(port)
    port.transaction = null
    port.ended = reason
    // A transaction profile ends with its transaction (1.6 3.13.1, 2.0.1 K01.FR.31).
    this.#stack = this.#stack.filter(
      (old) => old.purpose !== 'tx' || old.evseId !== port.evse.evseId,
    )
    this.#forgetLimits()
    this.#listener({ kind: 'stopped', port, transaction, reason })
    this.#updateStatus(port)
    return true
  }

  /** 1.6: the central system gave the transaction its id. */
  nameTransaction(transaction: SimTransaction, transactionId: string): void {
    transaction.transactionId = transactionId
    this.#forgetLimits()
  }

  /** Why the profile was rejected, or `null` when it is installed. */
  install(profile: InstalledProfile): string | null {
    const ownMs = this.ownTimeMs
    this.#stack = this.#stack.filter((old) => old.validToMs === null || old.validToMs > ownMs)
    const transaction = this.port(profile.evseId)?.transaction
    const why = rejection(profile, {
      version: this.spec.version,
      capability: this.spec.model.capability,
      faults: this.spec.faults,
      evseIds: this.ports.map((port) => port.evse.evseId),
      stack: this.#stack,
      transactionId: transaction ? transaction.transactionId : undefined,
    })
    if (why !== null) return why
    this.#stack = installProfile(this.#stack, profile, this.spec.version)
    this.#forgetLimits()
    return null
  }

  /** Removes what matches; returns how many that were. */
  clear(criteria: ProfileCriteria): number {
    const kept = this.#stack.filter((profile) => !matchesCriteria(profile, criteria))
    const gone = this.#stack.length - kept.length
    this.#stack = kept
    this.#forgetLimits()
    return gone
  }

  /** What the station says it will allow over the next `durationS`; EVSE 0 = all together. */
  composite(evseId: number, durationS: number): readonly Segment[] {
    const fromMs = this.ownTimeMs
    const toMs = fromMs + durationS * 1000
    const port = this.port(evseId)
    if (port) return compositeSegments(this.#stackOf(port), this.#viewOf(port), fromMs, toMs)
    const views = this.ports.map((each) => ({
      ...this.#viewOf(each),
      sharedBy: this.ports.length,
    }))
    return stationSegments(this.#stack, views, fromMs, toMs)
  }

  setOperative(port: SimPort, operative: boolean): void {
    port.operative = operative
    this.#updateStatus(port)
  }

  /** Power is gone: transactions end; profiles stay, unless this make forgets them. */
  shutDown(): void {
    for (const port of this.ports) this.stop(port, 'reboot')
    this.#powered = false
    if (this.spec.faults.losesProfilesOnReboot) this.#stack = []
  }

  /** Power is back at `nowMs`. */
  startUp(nowMs: number): void {
    this.#nowMs = nowMs
    this.#powered = true
    this.#offsetMs = clockOffsetMs(this.spec.faults, nowMs)
    this.#forgetLimits()
  }

  #forgetLimits(): void {
    for (const port of this.ports) port.limitUntilMs = -Infinity
  }

  #viewOf(port: SimPort): StackView {
    const { transaction } = port
    return {
      evseId: port.evse.evseId,
      transactionId: transaction && (transaction.transactionId ?? ''),
      anchorMs: (transaction?.startedAtMs ?? this.#nowMs) + this.#offsetMs,
      ratingA: port.evse.maxA,
      voltageV: port.phaseVoltageV * port.evse.efficiency,
      sharedBy: Math.max(1, this.ports.filter((each) => each.transaction).length),
    }
  }

  #stackOf(port: SimPort): readonly InstalledProfile[] {
    if (!this.spec.faults.keepsDefaultWhileCharging || !port.transaction) return this.#stack
    const others = this.#stack.filter((profile) => profile.purpose !== 'tx-default')
    return [...others, ...port.oldDefaults]
  }

  #refreshLimit(port: SimPort): void {
    const segment: Segment = this.spec.faults.ignoresLimits
      ? { limitA: port.evse.maxA, untilMs: Infinity, by: null, phases: null }
      : limitAt(this.#stackOf(port), this.#viewOf(port), this.ownTimeMs)
    port.limitA = segment.limitA
    port.limitUntilMs = segment.untilMs - this.#offsetMs
    useTerminals(port, this.#terminalOf(port, segment))
  }

  /** The one terminal that the profile in force leaves; `null` = all. */
  #terminalOf({ evse }: SimPort, { phases }: Segment): number | null {
    const { switchesPhases, choosesPhase } = this.spec.model.capability
    const canSwitch = switchesPhases === true && !this.spec.faults.ignoresPhases
    const hasThree = evse.current === 'AC' && lineCount(evse.wiring) === 3
    if (!canSwitch || !hasThree || phases?.numberPhases !== 1) return null
    return choosesPhase ? (phases.phaseToUse ?? 1) - 1 : 0
  }

  #updateStatus(port: SimPort): void {
    const status = statusOf(port)
    if (status === port.status) return
    port.status = status
    this.#listener({ kind: 'status', port })
  }
}

const createPort = (evse: Evse, supply: Supply, registerWh: number): SimPort => ({
  ...createEvse(evse, supply, registerWh),
  status: 'available',
  operative: true,
  transaction: null,
  ended: null,
  quietS: 0,
  limitA: 0,
  limitUntilMs: -Infinity,
  oldDefaults: [],
})

const statusOf = (port: SimPort): EvseStatus => {
  if (!port.vehicle) return port.operative ? 'available' : 'unavailable'
  if (!port.transaction) return port.ended ? 'finishing' : 'occupied'
  if (port.currentA > CHARGING_ABOVE_A) return 'charging'
  if (port.pilotA === 0) return 'suspended-evse'
  return port.quietS < SUSPENDED_AFTER_S ? 'charging' : 'suspended-ev'
}
