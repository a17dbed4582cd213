import { AppError } from '../errors.ts'
import { compileFormula, type Formula, type FormulaMath } from './formula.ts'
import { withDerived } from './normalise.ts'
import { isPhaseQuantity, QUANTITIES, type Quantity } from './quantity.ts'

export interface VirtualMeterOptions {
  readonly id: string
  /** One formula each; for a phase quantity also three of them, one per phase. */
  readonly formulas: {
    readonly [Q in Quantity]?: string | readonly [string, string, string]
  }
}

/** The meters that formulas may use: what they measure, or null where that is not known before. */
export type KnownMeters = ReadonlyMap<string, ReadonlySet<Quantity> | null>

/** A virtual meter, ready to be worked out. */
export interface Plan {
  readonly id: string
  readonly formulas: readonly { readonly quantity: Quantity; readonly parts: readonly Formula[] }[]
  /** Ids of the meters that it uses itself. */
  readonly uses: ReadonlySet<string>
}

const compileAll = (math: FormulaMath, { id, formulas }: VirtualMeterOptions): Plan['formulas'] => {
  const where = `meters/${id}/formulas`
  return QUANTITIES.flatMap((quantity): Plan['formulas'] => {
    const text: string | readonly string[] | undefined = formulas[quantity]
    if (text === undefined) return []
    const path = `${where}/${quantity}`
    if (isPhaseQuantity(quantity)) {
      const parts = ([0, 1, 2] as const).map((phase) =>
        typeof text === 'string'
          ? compileFormula(math, path, text, phase)
          : compileFormula(math, `${path}/${phase}`, text[phase], phase),
      )
      return [{ quantity, parts }]
    }
    if (typeof text === 'string') {
      return [{ quantity, parts: [compileFormula(math, path, text, null)] }]
    }
    throw new AppError('config-invalid', `${path} is one number: give one formula`)
  })
}

const planOf = (math: FormulaMath, options: VirtualMeterOptions): Plan => {
  const where = `meters/${options.id}/formulas`
  const formulas = compileAll(math, options)
  if (formulas.length === 0) {
    throw new AppError(
      'config-invalid',
      `${where} is empty; give at least one of ${QUANTITIES.join(', ')}`,
    )
  }
  for (const { quantity, parts } of formulas) {
    if (parts.every(({ inputs }) => inputs.length === 0)) {
      throw new AppError('config-invalid', `${where}/${quantity} uses no meter`)
    }
  }
  const inputs = formulas.flatMap(({ parts }) => parts).flatMap((part) => part.inputs)
  return { id: options.id, formulas, uses: new Set(inputs.map(({ meterId }) => meterId)) }
}

/** Parents before children. @throws AppError naming the circle. */
const inOrder = (plans: ReadonlyMap<string, Plan>): Plan[] => {
  const ordered = new Set<Plan>()
  const visit = (plan: Plan, path: readonly string[]): void => {
    if (ordered.has(plan)) return
    const circle = path.indexOf(plan.id)
    if (circle >= 0) {
      throw new AppError(
        'config-invalid',
        `meters/${plan.id}: virtual meters use each other in a circle:` +
          ` ${[...path.slice(circle), plan.id].join(' -> ')}`,
      )
    }
    for (const id of plan.uses) {
      const used = plans.get(id)
      if (used) visit(used, [...path, plan.id])
    }
    ordered.add(plan)
  }
  for (const plan of plans.values()) visit(plan, [])
  return [...ordered]
}

const checkInputs = ({ id, formulas }: Plan, provided: KnownMeters): void => {
  for (const { quantity, parts } of formulas) {
    const where = `meters/${id}/formulas/${quantity}`
    for (const input of parts.flatMap(({ inputs }) => inputs)) {
      const has = provided.get(input.meterId)
      if (has === undefined) {
        throw new AppError(
          'config-invalid',
          `${where}: there is no meter "${input.meterId}"; there are ${[...provided.keys()].join(', ')}`,
        )
      }
      if (has && !withDerived(has).has(input.quantity)) {
        throw new AppError(
          'config-invalid',
          `${where}: meter "${input.meterId}" has no ${input.quantity};` +
            ` it has ${[...withDerived(has)].join(', ')}`,
        )
      }
    }
  }
}

/**
 * Compiles all virtual meters and puts them in an order in which each comes after those that it
 * uses. O(formulas + uses).
 *
 * @throws AppError `config-invalid`: a formula that is wrong, names a meter or a quantity that is
 *   not there, or leads back to itself
 */
export const planVirtualMeters = (
  math: FormulaMath,
  options: readonly VirtualMeterOptions[],
  known: KnownMeters,
): readonly Plan[] => {
  const plans = new Map(options.map((one) => [one.id, planOf(math, one)]))
  const provided = new Map(known)
  for (const { id, formulas } of plans.values()) {
    provided.set(id, new Set(formulas.map(({ quantity }) => quantity)))
  }
  for (const plan of plans.values()) checkInputs(plan, provided)
  return inOrder(plans)
}
