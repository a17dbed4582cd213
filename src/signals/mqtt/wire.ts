/** The documents of the profile as they travel; `schemas/mqtt-*.schema.json` is their definition. */
export interface WireEnvelope {
  readonly specversion: '1.0'
  readonly id: string
  readonly type: 'gs.event.v1'
  readonly source: string
  readonly subject: string
  readonly time: string
  readonly correlationid?: string
  readonly data: WireEvent
}

export interface WireSignal {
  readonly kind:
    | 'importLimit'
    | 'exportLimit'
    | 'setpoint'
    | 'reduceBy'
    | 'level'
    | 'price'
    | 'ghg'
    | 'socTarget'
    | 'noCharge'
  readonly unit: 'kW' | 'A' | 'percent' | 'level' | 'currency/kWh' | 'g/kWh'
  readonly scope?: 'connection' | 'controllable' | 'evse' | 'phase'
  readonly measure?: 'instant' | 'avg1m' | 'avg5m' | 'avg15m'
  readonly currency?: string
}

export interface WireEvent {
  readonly eventId: string
  readonly modification: number
  readonly status: 'issued' | 'cancelled'
  readonly cancelAt?: string
  readonly class: 'emergency' | 'mandatory' | 'contract' | 'economic' | 'test'
  readonly priority: number
  readonly optOut?: boolean
  readonly programId?: string
  readonly targets?: readonly string[]
  readonly issuedAt: string
  readonly notAfter: string
  readonly ackBy?: string
  readonly start: string
  readonly signal: WireSignal
  readonly intervals: readonly {
    readonly id: number
    readonly start?: string
    /** Absent (or `P9999Y`, or `PT0S`) in the last interval: until it is cancelled. */
    readonly duration?: string
    readonly value: number | null
  }[]
  readonly randomize?: {
    readonly start?: string
    readonly end?: string
    readonly direction?: 'late' | 'either'
  }
  readonly ramp?: {
    readonly down?: number
    readonly up?: number
    readonly unit?: 'kW/min' | '%/s'
  }
  readonly recovery?: {
    readonly hold?: string
    readonly maxKw?: number
    readonly stagger?: string
  }
}

export interface WireManifest {
  readonly seq: number
  readonly at: string
  readonly periodS?: number
  readonly events: readonly {
    readonly eventId: string
    readonly modification: number
    readonly status: 'issued' | 'cancelled'
  }[]
  readonly defaults?: readonly {
    readonly programId?: string
    readonly signal: WireSignal
    readonly value: number
    readonly targets?: readonly string[]
  }[]
}
