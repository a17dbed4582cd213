import type { DataValue } from 'node-opcua-client'
import type { PerPhase } from '../domain/phases.ts'
import type { Quality } from '../domain/reading.ts'
import type { OpcUa } from './opcua-load.ts'
import { toNumber, toTriple } from './payload.ts'

export interface NodeSample {
  /** `null`: the server has no value. */
  readonly value: number | PerPhase | null
  readonly quality: Quality
  /** By the source, else by the server; `null` when neither says. */
  readonly atMs: number | null
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

/** @param triple whether the node is an array of three (L1, L2, L3) or a single number */
export const sampleOf = (opcua: OpcUa, data: DataValue, triple: boolean): NodeSample => {
  const quality = qualityOf(data.statusCode.value)
  const atMs = (data.sourceTimestamp ?? data.serverTimestamp)?.getTime() ?? null
  if (quality === 'bad') return { value: null, quality, atMs, wrong: null }
  const raw = plainOf(opcua, data.value)
  const value = triple ? toTriple(raw) : toNumber(raw)
  if (value !== undefined) return { value, quality, atMs, wrong: null }
  const type = opcua.DataType[data.value.dataType]
  const wanted = triple ? 'an array of three numbers' : 'a number'
  return { value: null, quality: 'bad', atMs, wrong: `its ${type} value is not ${wanted}` }
}
