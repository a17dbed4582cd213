import type { DataValue } from 'node-opcua-client'
import type { PerPhase } from '../domain/phases.ts'
import type { Quality } from '../domain/reading.ts'
import type { OpcUa } from './opcua-load.ts'
import { valueFor } from './payload.ts'
import type { Slot } from './slots.ts'

export interface NodeSample {
  /** `null`: the server has no value. */
  readonly value: number | PerPhase | null
  readonly quality: Quality
  /** By the source, else by the server; `null` when neither says. */
  readonly atMs: number | null
  /** The source repeats a value that it no longer updates: it was true at its source time. */
  readonly isHeld: boolean
  /** Why the value cannot be used although its status allows it. */
  readonly wrong: string | null
}

/** OPC 10000-4, 7.39: the two highest bits are the severity. */
export const qualityOf = (statusCode: number): Quality => {
  switch (statusCode >>> 30) {
    case 0:
      return 'good'
    case 1:
      return 'uncertain'
    default:
      return 'bad'
  }
}

/** 64-bit integers come as a pair of 32-bit halves, high one first. */
const fromHalves = (halves: unknown, signed: boolean): number => {
  const [high, low] = halves as readonly [number, number]
  return (signed ? high | 0 : high >>> 0) * 2 ** 32 + (low >>> 0)
}

/** What a variant holds, as plain numbers. */
const plainOf = (opcua: OpcUa, { value, dataType, arrayType }: DataValue['value']): unknown => {
  const { DataType, VariantArrayType } = opcua
  const isArray = arrayType !== VariantArrayType.Scalar
  if (dataType === DataType.Int64 || dataType === DataType.UInt64) {
    const signed = dataType === DataType.Int64
    if (!isArray) return fromHalves(value, signed)
    return (value as readonly unknown[]).map((halves) => fromHalves(halves, signed))
  }
  return isArray ? Array.from(value as ArrayLike<unknown>) : value
}

/**
 * Whatever was updating the value has stopped doing so (OPC 10000-8, A.3.2 and OPC 10000-4, 7.39):
 * Uncertain_NoCommunicationLastUsableValue, Uncertain_LastUsableValue, Uncertain_InitialValue.
 */
const HELD: ReadonlySet<number> = new Set([0x408f0000, 0x40900000, 0x40920000])
/** The lower half of a status code holds flags of the value. */
const CODE_MASK = 0xffff0000

export const sampleOf = (opcua: OpcUa, data: DataValue, slot: Slot): NodeSample => {
  const status = data.statusCode.value
  const quality = qualityOf(status)
  const isHeld = HELD.has((status & CODE_MASK) >>> 0)
  const atMs = (data.sourceTimestamp ?? data.serverTimestamp)?.getTime() ?? null
  if (quality === 'bad') return { value: null, quality, atMs, isHeld, wrong: null }
  const value = valueFor(slot, plainOf(opcua, data.value))
  if (typeof value !== 'string') return { value, quality, atMs, isHeld, wrong: null }
  const type = opcua.DataType[data.value.dataType]
  return { value: null, quality: 'bad', atMs, isHeld, wrong: `its ${type} value: ${value}` }
}
