import { AppError } from '../errors.ts'
import {
  factorOf,
  isPhaseQuantity,
  QUANTITIES,
  type CurrentScale,
  type PhaseQuantity,
  type Quantity,
  type Scale,
  type Unit,
} from './quantity.ts'

/** One address per phase; `null` where the load is not connected: no current flows there. */
export type Phased = readonly [string | null, string | null, string | null]

/** A value that a meter gives, at an address of the adapter's kind (`S`, or per phase `P`). */
export type ValueMap<S, P> = {
  readonly [Q in Quantity]?: Q extends 'currentA'
    ? P & CurrentScale
    : Q extends PhaseQuantity
      ? P & Scale
      : S & Scale
}

/** One number (or array of three) that arrives on its own. */
export interface Slot {
  readonly quantity: Quantity
  /** `null`: the whole quantity at once, a triple when it is a phase quantity. */
  readonly phase: 0 | 1 | 2 | null
  /** What the source's numbers mean. */
  readonly unit: Unit
  readonly factor: number
}

export interface SlotPlan<A> {
  readonly slots: readonly Slot[]
  /** Where each slot is found, in the order of `slots`. */
  readonly addresses: readonly A[]
  /** Currents take the sign of the power. */
  readonly currentAsPower: boolean
}

export interface Part<A> {
  readonly phase: 0 | 1 | 2 | null
  readonly address: A
}

/** The parts of a quantity whose address is one text (all at once) or one text per phase. */
export const partsOf = (address: string | Phased): readonly Part<string>[] =>
  typeof address === 'string'
    ? [{ phase: null, address }]
    : ([0, 1, 2] as const).flatMap((phase) => {
        const ofPhase = address[phase]
        return ofPhase === null ? [] : [{ phase, address: ofPhase }]
      })

/**
 * Breaks the configured values up into what arrives separately.
 *
 * @param where path of the `values` setting, for messages
 * @param parts how the quantity is addressed: one part without phase, or one per connected phase
 * @throws AppError `config-invalid`: nothing to read, a wrong unit, a sign without its power
 */
export const planSlots = <A>(
  where: string,
  values: Readonly<Partial<Record<Quantity, Scale | CurrentScale>>>,
  parts: (quantity: Quantity) => readonly Part<A>[],
): SlotPlan<A> => {
  const slots: Slot[] = []
  const addresses: A[] = []
  for (const quantity of QUANTITIES) {
    const scale = values[quantity]
    if (!scale) continue
    const factor = factorOf(`${where}/${quantity}`, quantity, scale)
    const found = parts(quantity)
    if (found.length === 0) {
      throw new AppError('config-invalid', `${where}/${quantity}: name at least one phase`)
    }
    if (!isPhaseQuantity(quantity) && found[0].phase !== null) {
      throw new AppError(
        'config-invalid',
        `${where}/${quantity} is one number: give one address, not one per phase`,
      )
    }
    for (const { phase, address } of found) {
      slots.push({ quantity, phase, unit: scale.unit, factor })
      addresses.push(address)
    }
  }
  if (slots.length === 0) {
    throw new AppError(
      'config-invalid',
      `${where} names no value; give at least one of ${QUANTITIES.join(', ')}`,
    )
  }
  const currentAsPower = values.currentA?.sign === 'as-power'
  if (currentAsPower && !values.powerPerPhaseW && !values.powerW) {
    throw new AppError(
      'config-invalid',
      `${where}/currentA/sign is as-power, but the meter has neither powerPerPhaseW nor powerW;` +
        ' add one of them or give the sign as 1 or -1',
    )
  }
  return { slots, addresses, currentAsPower }
}
