import type { ConstantNode, FunctionNode, MathNode, SymbolNode } from 'mathjs'

/** What a price formula may use. Hours and months by the tariff's local clock. */
export interface FormulaVariables {
  /** Market price, currency per kWh. */
  spot: number
  /** 0..23 */
  hour: number
  /** 0, 15, 30 or 45 */
  minute: number
  /** 1..12 */
  month: number
  /** 1 = Monday .. 7 = Sunday */
  weekday: number
  /** 1 on Monday to Friday but holidays, else 0 */
  workday: number
  /** 1 on holidays, else 0 */
  holiday: number
}

export interface Formula {
  readonly text: string
  readonly usesSpot: boolean
  /** How often the value may change for the clock's sake, minutes; 0 = never. */
  readonly everyMin: 0 | 15 | 60 | 1440
  evaluate(variables: FormulaVariables): number
}

const EXAMPLE: FormulaVariables = {
  spot: 0.1,
  hour: 12,
  minute: 0,
  month: 6,
  weekday: 3,
  workday: 1,
  holiday: 0,
}
const FUNCTIONS = ['min', 'max', 'abs', 'round', 'floor', 'ceil']
const NODES = [
  'ConstantNode',
  'SymbolNode',
  'OperatorNode',
  'ParenthesisNode',
  'ConditionalNode',
  'FunctionNode',
]

/** Plain numbers only: loads in a third of the time of all of mathjs. */
const loadParser = async (): Promise<(text: string) => MathNode> => {
  const { create, all } = await import('mathjs/number')
  const math = create(all, {})
  const parse = math.parse.bind(math)
  const refuse = (name: string) => () => {
    throw new Error(`${name} is not available in a formula`)
  }
  const forbidden = ['import', 'createUnit', 'evaluate', 'parse', 'simplify', 'derivative']
  math.import(Object.fromEntries(forbidden.map((name) => [name, refuse(name)])), { override: true })
  return parse
}

let parser: Promise<(text: string) => MathNode> | null = null

const problemOf = (node: MathNode, known: ReadonlySet<string>): string | null => {
  if (!NODES.includes(node.type)) return 'only arithmetic, comparisons and ? : are possible'
  if (node.type === 'ConstantNode' && typeof (node as ConstantNode).value === 'string') {
    return 'text is not possible'
  }
  if (node.type === 'FunctionNode' && !FUNCTIONS.includes((node as FunctionNode).fn.name)) {
    const name = (node as FunctionNode).fn.name || 'this'
    return `${name}() is unknown; there are ${FUNCTIONS.join(', ')}`
  }
  if (node.type === 'SymbolNode') {
    const { name } = node as SymbolNode
    if (!known.has(name) && !FUNCTIONS.includes(name)) {
      return `${name} is unknown; there are ${[...known].join(', ')}`
    }
  }
  return null
}

const granularity = (used: ReadonlySet<string>): Formula['everyMin'] => {
  if (used.has('minute')) return 15
  if (used.has('hour')) return 60
  return ['month', 'weekday', 'workday', 'holiday'].some((name) => used.has(name)) ? 1440 : 0
}

/**
 * Compiles a price formula. mathjs is loaded by the first call.
 *
 * @param constants the file's named numbers
 * @throws Error whose message says what is wrong with the text
 */
export const compileFormula = async (
  text: string,
  constants: Readonly<Record<string, number>>,
): Promise<Formula> => {
  const parse = await (parser ??= loadParser())
  const root = parse(text)
  const known = new Set([...Object.keys(EXAMPLE), ...Object.keys(constants)])
  const used = new Set<string>()
  root.traverse((node) => {
    const problem = problemOf(node, known)
    if (problem) throw new Error(problem)
    if (node.type === 'SymbolNode') used.add((node as SymbolNode).name)
  })
  const compiled = root.compile()
  const scope: Record<string, number> = { ...constants }
  const evaluate = (variables: FormulaVariables): number =>
    Number(compiled.evaluate(Object.assign(scope, variables)))
  if (Number.isNaN(evaluate(EXAMPLE))) throw new Error('it gives no number')
  return { text, usesSpot: used.has('spot'), everyMin: granularity(used), evaluate }
}
