import { Type, type Static } from 'typebox'
import type { IdToken } from '../../csms/id-tokens.ts'
import { choice, named, nullable, text, time } from '../shapes.ts'
import { isoOrNull, iso } from '../time.ts'
import { SCOPES, type ApiToken } from '../tokens.ts'

export const ID_TOKEN = named('IdToken', "A driver's identification", {
  idToken: text('compared without regard to case'),
  type: nullable(text('OCPP 2.x type; null = not known')),
  state: choice(['accepted', 'blocked']),
  groupId: nullable(text()),
  expiresAt: nullable(time()),
  note: nullable(text()),
})

export const presentIdToken = ({ expiresAtMs, ...rest }: IdToken): Static<typeof ID_TOKEN> => ({
  ...rest,
  expiresAt: isoOrNull(expiresAtMs),
})

const API_TOKEN_PROPERTIES = {
  id: text(),
  label: text(),
  scopes: Type.Array(choice(SCOPES)),
  createdAt: time(),
  expiresAt: nullable(time()),
}

export const API_TOKEN = named('ApiToken', 'A key to this API; its secret is not kept', {
  ...API_TOKEN_PROPERTIES,
})

export const NEW_API_TOKEN = named('NewApiToken', 'A token with its secret, shown this once', {
  ...API_TOKEN_PROPERTIES,
  secret: text('for the header Authorization: Bearer'),
})

export const presentApiToken = (token: ApiToken): Static<typeof API_TOKEN> => ({
  id: token.id,
  label: token.label,
  scopes: [...token.scopes],
  createdAt: iso(token.createdAtMs),
  expiresAt: isoOrNull(token.expiresAtMs),
})
