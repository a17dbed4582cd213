import type { PriceSeries } from '../domain/price.ts'
import type { EventTransition, GridEvent } from '../domain/signal.ts'
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
  health(): Health
  stop(): Promise<void>
}

export interface PriceSource {
  readonly id: string
  /** Each call replaces what the source said before for the time that the series covers. */
  start(accept: (series: PriceSeries) => void): Promise<void>
  health(): Health
  stop(): Promise<void>
}
