import {
  isCollection,
  isMap,
  isPair,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
} from 'yaml'

export interface Problem {
  /** 1-based. */
  readonly line: number
  readonly column: number
  /** `energy/0/price`; empty for the whole file. */
  readonly path: string
  /** What is wrong and what to do. */
  readonly message: string
}

export interface YamlText {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** A problem at the value with this path, or at the key that holds it. */
  at(path: readonly (string | number)[], message: string, where?: 'key' | 'value'): Problem
}

/** Anchors may be used, but not to blow the file up. */
const MAX_ALIASES = 100

const nodeAt = (
  document: Document,
  path: readonly (string | number)[],
  where: 'key' | 'value',
): Node | null => {
  let node: unknown = document.contents
  let found: unknown = node
  for (const [depth, key] of path.entries()) {
    if (!isCollection(node)) break
    const last = depth === path.length - 1
    const pair = isMap(node)
      ? node.items.find((item) => isPair(item) && String(item.key) === String(key))
      : undefined
    node = node.get(key, true)
    if (last && where === 'key' && pair) return pair.key as Node
    // What is missing is reported at what should hold it.
    if (node === undefined || node === null) break
    found = node
  }
  return found as Node | null
}

/** Parses YAML 1.2 and keeps where each value stands. Never throws: faults are `problems`. */
export const parseYaml = (text: string): YamlText => {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const problems = document.errors.map((error): Problem => ({
    ...position(error.pos[0]),
    path: '',
    message: error.message,
  }))
  let value: unknown = null
  try {
    if (problems.length === 0) value = document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    problems.push({ line: 1, column: 1, path: '', message })
  }
  return {
    value,
    problems,
    at: (path, message, where = 'value') => ({
      ...position(nodeAt(document, path, where)?.range?.[0] ?? 0),
      path: path.join('/'),
      message,
    }),
  }
}
