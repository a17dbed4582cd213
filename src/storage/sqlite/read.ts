import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Cell } from '../layout.ts'
import type { Statement } from '../statements.ts'

/** Cells and characters after which a chunk is handed over: a millisecond's work for its reader. */
const CHUNK_CELLS = 8_192
const CHUNK_CHARACTERS = 256 * 1024

/** Shapes of queries are few; this only bounds a caller that makes them up. */
const MAX_STATEMENTS = 200

export interface Chunk {
  /** The rows one after the other, columns in the order of the statement. */
  readonly cells: Cell[]
  readonly isLast: boolean
}

type Rows = Iterator<Record<string, unknown>>

/** Fills a chunk from where the rows stand. */
const nextChunk = (rows: Rows): Chunk => {
  const cells: Cell[] = []
  let characters = 0
  while (cells.length < CHUNK_CELLS && characters < CHUNK_CHARACTERS) {
    const { done, value } = rows.next()
    if (done) return { cells, isLast: true }
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

  return {
    open: ({ sql, parameters }: Statement): Chunk => {
      end()
      rows = prepare(sql).iterate(...parameters) as Rows
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
