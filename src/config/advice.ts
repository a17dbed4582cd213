import type { Config } from './schema.ts'

type Found = { path: (string | number)[]; message: string }

/** What is allowed and works, but is hardly meant. A site runs with it; people are told. */
export const findAdvice = ({ nodes }: Config): Found[] =>
  nodes.flatMap(({ id, parent, limitA, limitKw }, index) =>
    parent !== undefined || limitA !== undefined || limitKw !== undefined
      ? []
      : [
          {
            path: ['nodes', index],
            message:
              `(${id}) is the grid connection and has no limit: nothing keeps it from overload; ` +
              'set limitA to its fuses, or limitKw to what is contracted',
          },
        ],
  )
