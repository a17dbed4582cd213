import type {
  AccessorNode,
  ConstantNode,
  FunctionNode,
  MathJsInstance,
  MathNode,
  OperatorNode,
  SymbolNode,
} from 'mathjs'
import { PHASES } from '../domain/phases.ts'
import { AppError } from '../errors.ts'
import { messageOf } from '../net/link.ts'
import { isPhaseQuantity, QUANTITIES, type Quantity } from './quantity.ts'

/** One number that a formula needs. `phase` is null for a scalar quantity. */
export interface Input {
  readonly meterId: string
  readonly quantity: Quantity
  readonly phase: 0 | 1 | 2 | null
}

export interface Formula {
  readonly inputs: readonly Input[]
  /** `values` in the order of `inputs`; about 1 microsecond. NaN when the result is no number. */
  readonly evaluate: (values: readonly number[]) => number
}

type PhaseIndex = 0 | 1 | 2

export type FormulaMath = Pick<MathJsInstance, 'parse' | 'SymbolNode' | 'FunctionNode'>

/** Arithmetic only: nothing here reaches the host, loops or allocates without bound. */
const FUNCTIONS = 'abs ceil floor hypot max mean min pow round sign sqrt square sum'.split(' ')
/** With a single argument they take all three phases of it. */
const ACROSS_PHASES = ['sum', 'mean', 'min', 'max']
const OPERATORS = (
  'add subtract multiply divide pow mod unaryMinus unaryPlus ' +
  'smaller larger smallerEq largerEq equal unequal and or not'
).split(' ')
const PLAIN_NODES = ['ParenthesisNode', 'ConditionalNode', 'RelationalNode']
const MAX_LENGTH = 1000

/** mathjs in its number-only build, loaded on first use (about 0.25 s and 65 MB). */
export const loadFormulaMath = async (): Promise<FormulaMath> => {
  const { create, all } = await import('mathjs/number')
  return create(all)
}

interface Reference {
  readonly meterId: string
  readonly quantity: Quantity
  readonly phase: PhaseIndex | null
}

const isAccessor = (node: MathNode): node is AccessorNode => node.type === 'AccessorNode'
const isCall = (node: MathNode): node is FunctionNode => node.type === 'FunctionNode'
const isConstant = (node: MathNode): node is ConstantNode<string | number | boolean | null> =>
  node.type === 'ConstantNode'
const isOperator = (node: MathNode): node is OperatorNode => node.type === 'OperatorNode'
const isSymbol = (node: MathNode): node is SymbolNode => node.type === 'SymbolNode'
/** The parts of `a.b.c` or `meter("a-b").c`, or null when the node is something else. */
const pathOf = (node: MathNode): string[] | null => {
  if (isSymbol(node)) return [node.name]
  if (isCall(node) && node.fn.name === 'meter') {
    const [id] = node.args
    return id && isConstant(id) && typeof id.value === 'string' ? [id.value] : null
  }
  if (!isAccessor(node)) return null
  const property = node.index.dimensions.at(0)
  const base = pathOf(node.object)
  if (!base || !property || !isConstant(property)) return null
  return [...base, String(property.value)]
}

/**
 * Compiles one formula over the values of other meters, written `meter.quantity` (or
 * `meter("any id").quantity`). A formula for a phase quantity is worked out phase by phase:
 * `a.currentA + b.currentA` adds L1 to L1. `x.currentA.L2` is one phase, `sum(x.currentA)` all.
 *
 * @param where path of the setting, for messages
 * @param phase the phase that is worked out; null for a scalar quantity
 * @throws AppError `config-invalid` with the offending part
 */
export const compileFormula = (
  math: FormulaMath,
  where: string,
  text: string,
  phase: PhaseIndex | null,
): Formula => {
  const fail = (why: string): never => {
    throw new AppError('config-invalid', `${where}: "${text}": ${why}`)
  }
  const inputs: Input[] = []
  const symbolOf = (input: Input): MathNode => {
    const known = inputs.findIndex(
      (one) =>
        one.meterId === input.meterId &&
        one.quantity === input.quantity &&
        one.phase === input.phase,
    )
    if (known < 0) inputs.push(input)
    return new math.SymbolNode(`v${known < 0 ? inputs.length - 1 : known}`)
  }

  const referenceOf = (node: MathNode): Reference => {
    const path = pathOf(node)
    if (!path) return fail(`"${node.toString()}" is not of the form meter.quantity`)
    const last = PHASES.findIndex((name) => name === path.at(-1))
    const named = last < 0 ? path : path.slice(0, -1)
    const quantity = named.at(-1) as Quantity
    const meterId = named.slice(0, -1).join('.')
    if (meterId === '') {
      return fail(
        `"${path.join('.')}" names no value; write meter.quantity, and for a meter whose id has` +
          ` other characters than letters, digits and "_": meter("its-id").quantity`,
      )
    }
    if (!QUANTITIES.includes(quantity)) {
      return fail(`"${quantity}" is no quantity of a meter; use ${QUANTITIES.join(', ')}`)
    }
    if (last >= 0 && !isPhaseQuantity(quantity)) {
      return fail(`${quantity} has no phases, leave out ".${PHASES[last]}"`)
    }
    return { meterId, quantity, phase: last < 0 ? null : (last as PhaseIndex) }
  }

  const build = (node: MathNode, at: PhaseIndex | null): MathNode => {
    if (isConstant(node)) {
      return typeof node.value === 'number' ? node : fail(`${node.toString()} is not a number`)
    }
    if (isSymbol(node) && node.name === 'pi') return node
    if (isSymbol(node) || isAccessor(node)) return buildReference(node, at)
    if (isCall(node)) return buildCall(node, at)
    if (PLAIN_NODES.includes(node.type) || (isOperator(node) && OPERATORS.includes(node.fn))) {
      return node.map((child) => build(child, at))
    }
    return fail(`"${node.toString()}" is not allowed; use numbers, meters and + - * / ^ % ?:`)
  }

  const buildReference = (node: MathNode, at: PhaseIndex | null): MathNode => {
    const { meterId, quantity, phase: named } = referenceOf(node)
    if (!isPhaseQuantity(quantity)) return symbolOf({ meterId, quantity, phase: null })
    const chosen = named ?? at
    if (chosen !== null) return symbolOf({ meterId, quantity, phase: chosen })
    const name = node.toString()
    return fail(`${name} is three numbers where one is needed: write sum(${name}) or ${name}.L1`)
  }

  const buildCall = (node: FunctionNode, at: PhaseIndex | null): MathNode => {
    const name = node.fn.name
    if (name === 'meter') return buildReference(node, at)
    if (!FUNCTIONS.includes(name)) {
      return fail(`function "${name}" is not allowed; use ${FUNCTIONS.join(', ')}`)
    }
    const [first] = node.args
    if (!first) return fail(`${name}() has no argument`)
    const across = node.args.length === 1 && ACROSS_PHASES.includes(name) && isPhased(first)
    return new math.FunctionNode(
      name,
      across
        ? ([0, 1, 2] as const).map((each) => build(first, each))
        : node.args.map((argument) => build(argument, at)),
    )
  }

  /** Whether three phases are left open in it. */
  const isPhased = (node: MathNode): boolean => {
    if (isAccessor(node)) {
      const { quantity, phase: named } = referenceOf(node)
      return isPhaseQuantity(quantity) && named === null
    }
    let found = false
    node.forEach((child) => {
      found ||= isPhased(child)
    })
    return found
  }

  if (text.length > MAX_LENGTH) fail(`it has more than ${MAX_LENGTH} characters`)
  const parse = (): MathNode => {
    try {
      return math.parse(text)
    } catch (error) {
      return fail(messageOf(error))
    }
  }
  const code = build(parse(), phase).compile()
  const scope: Record<string, number> = {}
  return {
    inputs,
    evaluate(values) {
      for (let i = 0; i < values.length; i++) scope[`v${i}`] = values[i]
      const result: unknown = code.evaluate(scope)
      return typeof result === 'number' && Number.isFinite(result) ? result : NaN
    },
  }
}
