import type { PriceSeries } from '../domain/price.ts'
import type { EventTransition, GridEvent, Signal } from '../domain/signal.ts'
import type { Health } from './meter-source.ts'

export interface SignalSource {
  readonly id: string
  /**
   * Starts delivery. Every version of every event that the source sees is handed over, repeats
   * included; whether it is new is decided by the event lifecycle.
   */
  start(accept: (event: GridEvent) => void): Promise<void>
  /** Tells the authority about one step of an event's life. Kept and sent later while offline. */
  acknowledge(transition: EventTransition): void
  /** Tells the authority what an event that acts has delivered so far: mean watts, see `Delivery`. */
  delivered?(eventId: string, powerW: number): void
  /** For sources whose authority sends a heartbeat; the others are never lost. */
  comms?(): Comms
  health(): Health
  stop(): Promise<void>
}

/** How well we hear an authority. */
export interface Comms {
  /** `waiting`: not heard since our start; `lost`: silent for longer than it promised. */
  readonly state: 'waiting' | 'fresh' | 'lost'
  readonly sinceMs: number
  /** Every event that the authority says it has issued has reached us: its word is complete. */
  readonly complete: boolean
  /** What shall hold while it is silent; `null` = it has not said. */
  readonly defaults: readonly DefaultSignal[] | null
}

/** A signal that holds when nothing else is known. */
export interface DefaultSignal {
  readonly programId: string | null
  readonly signal: Signal
  readonly value: number
  readonly targets: readonly string[]
}

export interface PriceSource {
  readonly id: string
  /** Each call replaces what the source said before for the time that the series covers. */
  start(accept: (series: PriceSeries) => void): Promise<void>
  health(): Health
  stop(): Promise<void>
}
