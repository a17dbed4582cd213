import type { ChargingProfile } from '../../src/domain/charging-profile.ts'
import {
  DEFAULT_CAPABILITY,
  type EndedTransaction,
  type EvseState,
} from '../../src/domain/evse-state.ts'
import { perPhase, total, type PerPhase } from '../../src/domain/phases.ts'
import type { EvseMeasurement } from '../../src/domain/reading.ts'
import type { EvseStatus, Session } from '../../src/domain/session.ts'
import type { Evse } from '../../src/domain/site.ts'
import { lineCurrent, type Supply } from '../../src/domain/wiring.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Random } from '../../src/ports/random.ts'
import type { CommandResult } from '../../src/ports/station-gateway.ts'
import { install, txLimit, type HeldProfiles, type TxLimit } from './held-profiles.ts'

/** What all stations of a world share. */
interface Surroundings {
  readonly supply: Supply
  readonly clock: Clock
  /** What its own clock shows: it judges the times in profiles by that. */
  readonly stationNow: () => number
  readonly random: Random
  readonly newTransactionId: () => string
}

/** What a vehicle draws one second later: down within five seconds, up slowly. */
const follow = (drawA: number, offeredA: number): number => {
  const targetA = offeredA < 6 ? 0 : offeredA
  return targetA < drawA
    ? Math.max(targetA, drawA - Math.max(8, drawA / 4))
    : Math.min(targetA, drawA + 4)
}

/**
 * A station as harsh as the field, and its vehicle: it keeps what it accepted, and what it says may
 * get lost. As an `EvseState` it is what the central system knows of it.
 */
export class FakeStation implements EvseState, HeldProfiles {
  readonly evse: Evse
  readonly #surroundings: Surroundings

  online = true
  /** It was never connected. */
  planned = false
  generation = 1
  answer: 'accept' | 'reject' | 'lost-answer' | 'lost-request' = 'accept'
  /** What it does with profiles for one phase. */
  phases: 'obeys' | 'ignores' | 'refuses' = 'obeys'
  failsafeA: number | null
  tx: TxLimit | null = null

  session: Session | null = null
  ended: EndedTransaction | null = null
  carMaxA = 32
  carLines: readonly boolean[] = [true, true, true]
  drawA = 0
  #drewAtMs = -Infinity
  /** Its contactor is on one line, and for how long nothing had flowed each time it moved. */
  onOneLine = false
  readonly pausesS: number[] = []

  measured: EvseMeasurement | null = null
  readonly capability = DEFAULT_CAPABILITY

  constructor(evse: Evse, surroundings: Surroundings) {
    this.evse = evse
    this.failsafeA = evse.failsafeA
    this.#surroundings = surroundings
  }

  get ready(): boolean {
    return this.online
  }

  get status(): EvseStatus {
    return this.session ? 'charging' : 'available'
  }

  get transactionId(): string | null {
    return this.session?.transactionId ?? null
  }

  plugIn(carMaxA = 32): void {
    const { clock, newTransactionId } = this.#surroundings
    const transactionId = newTransactionId()
    this.carMaxA = carMaxA
    this.session = {
      id: `s${transactionId}`,
      stationId: this.evse.stationId,
      evseId: this.evse.evseId,
      transactionId,
      idToken: null,
      connectedAtMs: clock.now(),
      startedAtMs: clock.now(),
      endedAtMs: null,
      energyWh: 0,
      need: { energyWh: null, departureMs: null, source: 'default' },
      priority: 0,
    }
  }

  unplug(): void {
    this.session = null
    this.tx = null
    this.drawA = 0
    this.onOneLine = false
  }

  disconnect(): void {
    this.online = false
  }

  reconnect(): void {
    this.online = true
    this.generation++
  }

  /** Answers after 0.1 to 1.5 seconds, if at all. */
  setChargingProfile(profile: ChargingProfile): Promise<CommandResult> {
    if (!this.online) {
      return Promise.resolve({ ok: false, reason: 'offline', detail: 'offline' })
    }
    const { clock, random } = this.#surroundings
    const { answer } = this
    return new Promise((resolve) => {
      clock.after(100 + random.next() * 1400, () => {
        const refuses = this.phases === 'refuses' && profile.schedule.numberPhases === 1
        if (answer === 'reject' || refuses) {
          return resolve({ ok: false, reason: 'rejected', detail: 'Rejected' })
        }
        if (answer !== 'lost-request') install(this, profile)
        if (answer === 'accept') return resolve({ ok: true, response: {} })
        clock.after(10_000, () => resolve({ ok: false, reason: 'timeout', detail: 'no answer' }))
      })
    })
  }

  /** A profile of its transaction is in force, by its own clock. */
  get holdsTx(): boolean {
    return this.#txLimit() !== null
  }

  /** What its profiles let it draw now, per conductor. */
  potentialA(): number {
    if (this.session === null) return 0
    return (
      this.#txLimit()?.limitA(this.#surroundings.stationNow()) ?? this.failsafeA ?? this.evse.maxA
    )
  }

  mayDrawA(): PerPhase {
    return this.#inLines(Math.min(this.potentialA(), this.carMaxA), this.#mustUseOneLine())
  }

  /** What its profiles would let a vehicle of any size draw now. */
  allowedA(): PerPhase {
    return this.#inLines(this.potentialA(), this.#mustUseOneLine())
  }

  /** What is kept free for it: as much, and room for the vehicle that may come. */
  reservesA(): PerPhase {
    if (this.session !== null) return this.allowedA()
    return this.#inLines(this.failsafeA ?? this.evse.maxA, false)
  }

  drawnA(): PerPhase {
    return this.#inLines(this.drawA, this.onOneLine)
  }

  /** A second has passed: the contactor moves, the vehicle follows what it is offered. */
  charge(): void {
    const onOneLine = this.#mustUseOneLine()
    if (onOneLine !== this.onOneLine) {
      if (this.online) this.pausesS.push((this.#nowMs() - this.#drewAtMs) / 1000)
      this.onOneLine = onOneLine
      this.drawA = 0
    }
    this.drawA = follow(this.drawA, Math.min(this.potentialA(), this.carMaxA))
    if (this.drawA > 0) this.#drewAtMs = this.#nowMs()
  }

  /** Tells the central system what its own meter shows. */
  sendMeterValues(): void {
    if (!this.online) return
    const atMs = this.#nowMs()
    const currentA = this.drawnA()
    const powerW = this.#surroundings.supply.voltageV * total(currentA)
    this.measured = { measuredAtMs: atMs, receivedAtMs: atMs, currentA, powerW }
  }

  #nowMs(): number {
    return this.#surroundings.clock.now()
  }

  #txLimit(): TxLimit | null {
    return txLimit(this, this.transactionId, this.#surroundings.stationNow())
  }

  #mustUseOneLine(): boolean {
    return this.phases === 'obeys' && this.#txLimit()?.phases === 1
  }

  /** Amperes per conductor of the vehicle as amperes of each line. */
  #inLines(amps: number, onOneLine: boolean): PerPhase {
    const { re } = lineCurrent(this.evse.wiring, this.#surroundings.supply)
    const { phaseSwitch } = this.evse
    return perPhase((line) => {
      const isOpen = onOneLine && phaseSwitch !== undefined && phaseSwitch.line !== line
      return this.carLines[line] && !isOpen ? amps * re[line] : 0
    })
  }
}
