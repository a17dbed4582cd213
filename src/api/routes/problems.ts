import { AppError, ERRORS, type ErrorCode } from '../../errors.ts'
import { problemType } from '../problem.ts'
import { integer, named, object, text } from '../shapes.ts'
import type { Api } from '../types.ts'

const KIND = named('ProblemKind', 'What a kind of problem means', {
  type: text(),
  code: text(),
  status: integer(),
  title: text(),
})

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** Where the `type` of every problem leads. */
export const problemRoutes = (api: Api): void => {
  api.get(
    '/problems/:code',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getProblemKind',
        tags: ['health'],
        summary: 'What a kind of problem means',
        params: object({ code: text() }),
        response: { 200: KIND },
      },
    },
    ({ params: { code } }) => {
      if (!isCode(code)) throw new AppError('not-found', `there is no problem "${code}"`)
      const { status, title } = ERRORS[code]
      return { type: problemType(code), code, status, title }
    },
  )
}
