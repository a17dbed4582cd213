export interface PageQuery {
  readonly limit?: number
  readonly offset?: number
}

export interface Page<T> {
  items: T[]
  nextOffset: number | null
}

interface Window {
  readonly limit: number
  readonly offset: number
}

const windowOf = ({ limit = 100, offset = 0 }: PageQuery): Window => ({ limit, offset })

/** What to ask a storage for: one row more than fits, which tells whether there is another page. */
export const windowPlusOne = (query: PageQuery): Window => {
  const { limit, offset } = windowOf(query)
  return { limit: limit + 1, offset }
}

/** @param rows what a query with `windowPlusOne` found */
export const pageOfRows = <R, T>(
  rows: readonly R[],
  query: PageQuery,
  present: (row: R) => T,
): Page<T> => {
  const { limit, offset } = windowOf(query)
  return {
    items: rows.slice(0, limit).map(present),
    nextOffset: rows.length > limit ? offset + limit : null,
  }
}

/** A page of a list that is in memory. */
export const pageOfAll = <R, T>(
  all: readonly R[],
  query: PageQuery,
  present: (row: R) => T,
): Page<T> => {
  const { limit, offset } = windowOf(query)
  return pageOfRows(all.slice(offset, offset + limit + 1), query, present)
}
