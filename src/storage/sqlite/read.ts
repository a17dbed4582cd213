import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Cell } from '../layout.ts'
import type { Filter } from '../filter.ts'
import type { Statement } from '../statements.ts'
import { packedCount, packedRows } from './packed-read.ts'

/** What can be asked: a statement, or something of a table of packs, which no statement finds. */
export type Question = Statement | { readonly rowsOf: Filter } | { readonly countOf: Filter }

/** Cells and characters after which a chunk is handed over: a millisecond's work for its reader. */
const CHUNK_CELLS = 8_192
const CHUNK_CHARACTERS = 256 * 1024
/** Packs that are looked through before its reader hears of it, found or not. */
const CHUNK_PACKS = 50

/** Shapes of queries are few; this only bounds a caller that makes them up. */
const MAX_STATEMENTS = 200

export interface Chunk {
  /** The rows one after the other, columns in the order of the statement. */
  readonly cells: Cell[]
  readonly isLast: boolean
}

/** `null`: a pack has been looked through. */
type Rows = Iterator<object | null>

/** Fills a chunk from where the rows stand. */
const nextChunk = (rows: Rows): Chunk => {
  const cells: Cell[] = []
  let characters = 0
  let packs = 0
  while (cells.length < CHUNK_CELLS && characters < CHUNK_CHARACTERS && packs < CHUNK_PACKS) {
    const { done, value } = rows.next()
    if (done) return { cells, isLast: true }
    if (value === null) {
      packs++
      continue
    }
    for (const cell of Object.values(value) as Cell[]) {
      cells.push(cell)
      if (typeof cell === 'string') characters += cell.length
    }
  }
  return { cells, isLast: false }
}

/**
 * Reads on a connection of its own, a chunk at a time: a long answer neither fills the memory nor
 * keeps its receiver's event loop. All chunks of an answer show the database at one instant. One
 * answer at a time: `open` ends the one before.
 */
export const createDatabaseReader = (path: string) => {
  const db = new DatabaseSync(path, { readOnly: true })
  const statements = new Map<string, StatementSync>()
  let rows: Rows | null = null

  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      if (statements.size >= MAX_STATEMENTS) statements.clear()
      statement = db.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }

  const end = (): void => {
    rows?.return?.()
    rows = null
  }

  const next = (): Chunk => {
    if (rows === null) return { cells: [], isLast: true }
    const chunk = nextChunk(rows)
    if (chunk.isLast) end()
    return chunk
  }

  const rowsOf = (question: Question): Rows => {
    if ('rowsOf' in question) return packedRows(db, question.rowsOf)
    if ('countOf' in question) return packedCount(db, question.countOf)
    const { sql, parameters } = question
    return prepare(sql).iterate(...parameters) as Rows
  }

  return {
    open: (question: Question): Chunk => {
      end()
      rows = rowsOf(question)
      return next()
    },
    next,
    end,
    close: (): void => {
      end()
      db.close()
    },
  }
}
