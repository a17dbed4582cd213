import { PHASES, type PerPhase } from '../domain/phases.ts'
import type { Quality, Reading } from '../domain/reading.ts'
import {
  isPhaseQuantity,
  QUANTITIES,
  setQuantity,
  VITAL,
  worst,
  type Quantity,
  type ReadingDraft,
} from './quantity.ts'
import type { Slot } from './slots.ts'

export interface JoinOptions {
  readonly meterId: string
  readonly slots: readonly Slot[]
  readonly currentAsPower: boolean
  /** Values that lie further apart in time than this do not make one reading. */
  readonly windowMs: number
}

/** Joins values that arrive separately into readings. */
export interface Join {
  /**
   * Notes the newest value of a slot, in the meter's unit; `null` = the meter says that it has
   * none. A slot without phase of a phase quantity takes a triple.
   *
   * @param isHeld the source no longer updates it: nothing makes it younger than `atMs`
   */
  put(
    slot: number,
    value: number | PerPhase | null,
    atMs: number,
    quality: Quality,
    isHeld?: boolean,
  ): void
  /** The source says that everything it sent before still holds. */
  confirm(atMs: number): void
  /** Forgets everything. */
  clear(): void
  /**
   * The newest values that belong together; `null` while there are none, or while one that limits
   * are checked against (power, current) is missing. Those also decide its time (the oldest of
   * them) and its quality (the worst): an old or bad frequency is left out and spoils nothing.
   */
  reading(receivedAtMs: number): Reading | null
  /** Which vital values keep the reading from being whole, for people. */
  missing(): readonly string[]
}

interface Cell {
  value: number | PerPhase | null
  atMs: number
  quality: Quality
  isHeld: boolean
}

const scaled = (value: number | PerPhase, factor: number): number | PerPhase =>
  typeof value === 'number'
    ? value * factor
    : [value[0] * factor, value[1] * factor, value[2] * factor]

const groupByQuantity = (slots: readonly Slot[]): Map<Quantity, number[]> => {
  const groups = new Map<Quantity, number[]>()
  slots.forEach(({ quantity }, index) => {
    const group = groups.get(quantity)
    if (group) group.push(index)
    else groups.set(quantity, [index])
  })
  return groups
}

const magnitudesWithSign = (draft: ReadingDraft): void => {
  const { currentA, powerPerPhaseW, powerW } = draft
  if (!currentA) return
  const signed = (phase: 0 | 1 | 2): number => {
    const power = powerPerPhaseW?.[phase] ?? powerW ?? 0
    return power < 0 ? -Math.abs(currentA[phase]) : Math.abs(currentA[phase])
  }
  draft.currentA = [signed(0), signed(1), signed(2)]
}

/** O(slots) per reading. */
export const createJoin = ({ meterId, slots, currentAsPower, windowMs }: JoinOptions): Join => {
  const cells: (Cell | null)[] = slots.map(() => null)
  const groups = groupByQuantity(slots)
  const hasVital = VITAL.some((quantity) => groups.has(quantity))
  const deciding = hasVital ? VITAL : QUANTITIES

  const oldestMs = (group: readonly number[]): number =>
    Math.min(...group.map((index) => cells[index]!.atMs))

  const qualityOf = (group: readonly number[]): Quality =>
    group.map((index) => cells[index]!.quality).reduce(worst)

  const nameOf = (index: number): string => {
    const { quantity, phase } = slots[index]
    return phase === null ? quantity : `${quantity} ${PHASES[phase]}`
  }

  /** Of those that decide: another that is ahead of them must not make them look absent. */
  const newestMs = (): number =>
    Math.max(
      ...cells.map((cell, index) =>
        cell && deciding.includes(slots[index].quantity) ? cell.atMs : -Infinity,
      ),
    )

  const absentSince = (sinceMs: number, group: readonly number[]): readonly number[] =>
    group.filter((index) => !((cells[index]?.atMs ?? NaN) >= sinceMs))

  /** The quantity's value; `null` when one of its parts has none. */
  const valueOf = (quantity: Quantity, group: readonly number[]): number | PerPhase | null => {
    const triple: [number, number, number] = [0, 0, 0]
    for (const index of group) {
      const { phase } = slots[index]
      const value = cells[index]?.value ?? null
      if (value === null) return null
      if (phase === null) return value
      triple[phase] = value as number
    }
    return isPhaseQuantity(quantity) ? triple : null
  }

  return {
    put(slot, value, atMs, quality, isHeld = false) {
      cells[slot] = {
        value: value === null ? null : scaled(value, slots[slot].factor),
        atMs,
        quality: value === null ? 'bad' : quality,
        isHeld,
      }
    },
    confirm(atMs) {
      for (const cell of cells) {
        if (cell && !cell.isHeld) cell.atMs = Math.max(cell.atMs, atMs)
      }
    },
    clear() {
      cells.fill(null)
    },
    reading(receivedAtMs) {
      const sinceMs = newestMs() - windowMs
      const draft: ReadingDraft = {
        meterId,
        measuredAtMs: Infinity,
        receivedAtMs,
        quality: 'good',
      }
      for (const [quantity, group] of groups) {
        const counts = deciding.includes(quantity)
        if (absentSince(sinceMs, group).length > 0) {
          if (counts && hasVital) return null
          continue
        }
        const quality = qualityOf(group)
        if (counts) {
          draft.measuredAtMs = Math.min(draft.measuredAtMs, oldestMs(group))
          draft.quality = worst(draft.quality, quality)
          if (group.some((index) => cells[index]?.isHeld)) draft.held = true
        }
        const value = counts || quality !== 'bad' ? valueOf(quantity, group) : null
        if (value !== null) setQuantity(draft, quantity, value)
      }
      if (draft.measuredAtMs === Infinity) return null
      if (currentAsPower) magnitudesWithSign(draft)
      return draft
    },
    missing() {
      const sinceMs = newestMs() - windowMs
      return [...groups]
        .filter(([quantity]) => VITAL.includes(quantity))
        .flatMap(([, group]) => absentSince(sinceMs, group).map(nameOf))
    },
  }
}
