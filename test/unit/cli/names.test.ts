import { expect, test } from 'vitest'
import { SCOPES } from '../../../src/api/tokens.ts'
import { API_AUTHORITY } from '../../../src/cli/event/words.ts'
import { TOKEN_SCOPES } from '../../../src/cli/token.ts'
import { API } from '../../../src/control/events/own-events.ts'

test('names that the commands repeat, so as not to load what they belong to, are the same', () => {
  expect(TOKEN_SCOPES).toEqual(SCOPES)
  expect(API_AUTHORITY).toBe(API)
})
