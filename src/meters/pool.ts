import { AppError } from '../errors.ts'

/** Connections of the configuration by id; nothing is open before somebody listens. */
export interface Pool<T> {
  /** @throws AppError `config-invalid` for an unknown id */
  get(id: string): T
}

/** @param where the setting that lists them, for the message */
export const createPool = <T extends { readonly id: string }>(
  where: string,
  items: readonly T[],
): Pool<T> => {
  const byId = new Map(items.map((item) => [item.id, item]))
  return {
    get(id) {
      const item = byId.get(id)
      if (item) return item
      const known = [...byId.keys()].join(', ') || 'nothing'
      throw new AppError('config-invalid', `${where}: there is no "${id}"; it has ${known}`)
    },
  }
}
