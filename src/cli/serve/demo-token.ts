import type { ApiTokens } from '../../api/tokens.ts'

/** Not a name that people give. */
const LABEL = 'busbar serve (demo)'
const BY = 'cli:serve'

export interface DemoToken {
  readonly id: string
  readonly secret: string
  /** Who made it, for the audit trail. */
  readonly by: string
}

/** A fresh token for everything; those of earlier runs end. */
export const createDemoToken = async (
  tokens: Pick<ApiTokens, 'create' | 'revoke' | 'list'>,
): Promise<DemoToken> => {
  for (const { id, label } of tokens.list()) {
    if (label === LABEL) await tokens.revoke(id, BY)
  }
  const { token, secret } = await tokens.create(
    { label: LABEL, scopes: ['read', 'operate', 'admin'] },
    BY,
  )
  return { id: token.id, secret, by: BY }
}
