/** Names of settings and fields that hold secrets, in OCPP and elsewhere. */
const SECRET = /password|authorizationkey|secret|private_?key|simpin/i

export const isSecretName = (name: string): boolean => SECRET.test(name)

const HIDDEN = '(secret)'
const MAX_DEPTH = 12
const MAX_TEXT = 4_000

/** Where a setting that is named beside it has its value. */
const VALUES: ReadonlySet<string> = new Set(['value', 'attributeValue', 'variableAttribute'])

/** The names that OCPP gives settings in a list: their value stands beside them. */
const namesSecret = (fields: Readonly<Record<string, unknown>>): boolean => {
  const { key, variable } = fields
  if (typeof key === 'string' && isSecretName(key)) return true
  const name = (variable as { name?: unknown } | null | undefined)?.name
  return typeof name === 'string' && isSecretName(name)
}

/** Credentials in an address: `ftp://user:password@host`. */
const withoutUserInfo = (text: string): string =>
  text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/i, `$1${HIDDEN}@`)

/**
 * A copy of a payload for the audit trail: values of secret names hidden (`AuthorizationKey`,
 * `BasicAuthPassword`, ...), credentials in addresses hidden, long texts cut.
 */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return withoutUserInfo(value).slice(0, MAX_TEXT)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '(too deep)'
  if (Array.isArray(value)) return value.map((item: unknown) => redact(item, depth + 1))
  const fields = value as Readonly<Record<string, unknown>>
  const hidesValue = namesSecret(fields)
  return Object.fromEntries(
    Object.entries(fields).map(([name, held]) => {
      const isHidden = isSecretName(name) || (hidesValue && VALUES.has(name))
      return [name, isHidden ? HIDDEN : redact(held, depth + 1)]
    }),
  )
}

const MAX_DETAIL = 8_000

/** What goes into the audit trail of a request: redacted and bounded. */
export const auditDetail = (value: unknown): unknown => {
  const clean = redact(value)
  const text = JSON.stringify(clean)
  return text.length <= MAX_DETAIL ? clean : { cut: text.slice(0, MAX_DETAIL) }
}
