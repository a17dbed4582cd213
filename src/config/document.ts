import { LineCounter, parseDocument, visit, isScalar, type Document } from 'yaml'
import { resolveReferences, type Environment } from './secrets.ts'
import { yamlWords } from './yaml-words.ts'

/** One thing that is wrong in a configuration file, and what to do. */
export interface Problem {
  /** From 1. */
  readonly line: number
  readonly column: number
  /** Path in the document, like `nodes/2/limitA`; empty for the whole. */
  readonly path: string
  readonly message: string
}

export interface ParsedDocument {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** Where a path stands; the nearest existing parent for what is missing. */
  locate(path: readonly (string | number)[]): { line: number; column: number }
  /** Where the key itself (not its value) stands. */
  locateKey(path: readonly (string | number)[]): { line: number; column: number }
}

/** Anchors may be used, but not to blow the file up. */
const MAX_ALIASES = 100

/** Parses YAML, replaces `${ENV}` references, and remembers where everything stands. */
export const parseYaml = (text: string, environment: Environment): ParsedDocument => {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  // After the first syntax error the parser only guesses. What it warns of is taken otherwise than meant.
  const faults = document.errors.length > 0 ? document.errors.slice(0, 1) : document.warnings
  const problems: Problem[] = faults.map((fault) => ({
    ...at(fault.pos[0]),
    path: '',
    message: yamlWords(fault, text),
  }))
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'string' || !node.value.includes('${')) return
      const resolved = resolveReferences(node.value, environment)
      if (resolved.ok) node.value = resolved.text
      else problems.push({ ...at(node.range?.[0] ?? 0), path: '', message: resolved.problem })
    },
    Alias: (_, node, ancestors) => {
      const meant = node.resolve(document)
      if (meant && !ancestors.includes(meant)) return
      const message = meant
        ? `*${node.source} stands in &${node.source} itself; write out what it should be`
        : `there is no &${node.source} above; a text that begins with * needs quotes`
      problems.push({ ...at(node.range?.[0] ?? 0), path: '', message })
    },
  })

  let value: unknown = null
  try {
    if (problems.length === 0) value = document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch {
    // Too many aliases: the only fault that a sound document can have here.
    const message = 'the aliases (*name) stand for too much; write out what they should be'
    problems.push({ line: 1, column: 1, path: '', message })
  }

  const offsetOf = (path: readonly (string | number)[]): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      const range = (node as { range?: [number, number, number] } | undefined)?.range
      if (range) return range[0]
    }
    return 0
  }

  return {
    value,
    problems,
    locate: (path) => at(offsetOf(path)),
    locateKey: (path) => at(keyOffset(document, path) ?? offsetOf(path)),
  }
}

const keyOffset = (document: Document, path: readonly (string | number)[]): number | null => {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  const items = (parent as { items?: { key?: unknown }[] } | null)?.items ?? []
  for (const { key } of items) {
    if (isScalar(key) && String(key.value) === String(path.at(-1))) return key.range?.[0] ?? null
  }
  return null
}
