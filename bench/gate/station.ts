import type { ChargingProfile } from '../../src/domain/charging-profile.ts'
import { DEFAULT_CAPABILITY, type EvseState } from '../../src/domain/evse-state.ts'
import type { EvseMeasurement } from '../../src/domain/reading.ts'
import type { EvseStatus, Session } from '../../src/domain/session.ts'
import type { PerPhase } from '../../src/domain/phases.ts'
import type { Evse } from '../../src/domain/site.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Random } from '../../src/ports/random.ts'
import type { CommandResult } from '../../src/ports/station-gateway.ts'
import type { Vehicle } from './vehicle.ts'

/** How a station is built. */
export interface StationOptions {
  readonly sampleS: number
  /** Offset of its samples from the full second grid, so that they do not come all at once. */
  readonly phaseS: number
  /** Longest time until it has taken and answered a profile. */
  readonly answerMs: number
}

interface Held {
  readonly profile: ChargingProfile
}

/**
 * A station that does what OCPP says: the transaction profile counts while it is valid, else the
 * default; profiles of one purpose and stack level replace one another; a value comes every few
 * seconds and is true at its own instant.
 */
export class GateStation implements EvseState {
  readonly evse: Evse
  readonly vehicle: Vehicle
  readonly ready = true
  readonly generation = 1
  readonly capability = DEFAULT_CAPABILITY
  readonly status: EvseStatus = 'charging'
  session: Session | null = null
  measured: EvseMeasurement | null = null
  commands = 0
  /** What it draws in the phases of the site. */
  inSitePhases: () => PerPhase = () => this.drawnA()
  /** A limit from a simple rule, in the place of profiles; `null` = profiles count. */
  direct: number | null = null
  readonly #held = new Map<string, Held>()
  readonly #clock: Clock
  readonly #random: Random
  readonly #options: StationOptions

  constructor(
    evse: Evse,
    vehicle: Vehicle,
    deps: { clock: Clock; random: Random; options: StationOptions },
  ) {
    this.evse = evse
    this.vehicle = vehicle
    this.#clock = deps.clock
    this.#random = deps.random
    this.#options = deps.options
  }

  plugIn(id: string): void {
    const nowMs = this.#clock.now()
    this.session = {
      id,
      stationId: this.evse.stationId,
      evseId: this.evse.evseId,
      transactionId: id,
      idToken: null,
      connectedAtMs: nowMs,
      startedAtMs: nowMs,
      endedAtMs: null,
      energyWh: 0,
      need: { energyWh: null, departureMs: null, source: 'default' },
      priority: 0,
    }
  }

  setChargingProfile(profile: ChargingProfile): Promise<CommandResult> {
    this.commands++
    return new Promise((resolve) => {
      const takes = 50 + this.#random.next() * (this.#options.answerMs - 50)
      this.#clock.after(takes, () => {
        this.#held.set(`${profile.purpose}/${profile.stackLevel}`, { profile })
        resolve({ ok: true, response: {} })
      })
    })
  }

  /** Amperes that it offers the vehicle now. */
  offerA(): number {
    if (this.session === null) return 0
    if (this.direct !== null) return Math.min(this.evse.maxA, this.direct)
    const tx = this.#limit('tx')
    return Math.min(this.evse.maxA, tx ?? this.#limit('tx-default') ?? this.evse.maxA)
  }

  #limit(purpose: ChargingProfile['purpose']): number | null {
    const nowMs = this.#clock.now()
    let best: { level: number; limit: number } | null = null
    for (const { profile } of this.#held.values()) {
      const { schedule } = profile
      if (profile.purpose !== purpose) continue
      if (profile.validToMs !== null && profile.validToMs <= nowMs) continue
      const s = (nowMs - schedule.startMs) / 1000
      if (s < 0 || (schedule.durationS !== null && s >= schedule.durationS)) continue
      const period = schedule.periods.findLast(({ startS }) => startS <= s)
      if (!period || (best && best.level >= profile.stackLevel)) continue
      best = { level: profile.stackLevel, limit: period.limit }
    }
    return best?.limit ?? null
  }

  drawnA(): [number, number, number] {
    const amps = this.vehicle.drawA()
    return this.vehicle.options.lines === 3 ? [amps, amps, amps] : [amps, 0, 0]
  }

  /** One second passes. */
  second(): void {
    this.vehicle.second(this.offerA())
    const nowMs = this.#clock.now()
    const { sampleS, phaseS } = this.#options
    if (this.session === null || (Math.floor(nowMs / 1000) + phaseS) % sampleS !== 0) return
    const currentA = this.inSitePhases()
    this.measured = {
      measuredAtMs: nowMs,
      receivedAtMs: nowMs,
      currentA,
      powerW: 230 * (currentA[0] + currentA[1] + currentA[2]),
    }
  }
}
