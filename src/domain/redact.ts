/**
 * What must not be kept or shown of a payload: by the names of fields and settings, whatever the
 * vendor calls them. Where a name leaves doubt, the value is hidden.
 */
const SECRET =
  /passw|passphrase|passcode|secret|credential|private_?key|pre_?shared|psk|^authorization$|(?<!id_?)token$|pin$|pin_?code|(?<!^|configuration|unknown|public)_?key$/i

/** A name in a list of fields or settings: `AuthorizationKey`, `simPin`, `WifiPassphrase`, ... */
export const isSecretName = (name: string): boolean => SECRET.test(name)

export const HIDDEN = '(secret)'
const MAX_DEPTH = 12
const MAX_TEXT = 4_000

/** Where a setting that is named beside it has its value. */
const VALUES: ReadonlySet<string> = new Set(['value', 'attributeValue', 'variableAttribute'])

/** Objects whose plain `key` is a secret and not a name (OCPP 2.x VPNType). */
const KEY_HOLDERS: ReadonlySet<string> = new Set(['vpn'])

/** The names that OCPP gives settings in a list: their value stands beside them. */
const namesSecret = (fields: Readonly<Record<string, unknown>>): boolean => {
  const { key, variable } = fields
  if (typeof key === 'string' && isSecretName(key)) return true
  const name = (variable as { name?: unknown } | null | undefined)?.name
  return typeof name === 'string' && isSecretName(name)
}

/** `ftp://user:password@host` and the query of an address, which may be a signature. */
const ADDRESS = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/)(?:[^/@\s"]+@)?([^\s?#"]*)(\?[^\s#"]*)?/gi
/** `password=...`, `"pin": "..."` in a text of a vendor. */
const PAIR = /(?<![\w.-])([A-Za-z_][\w.-]*)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"'}]+)/g

const withoutSecrets = (text: string): string =>
  text
    .replace(ADDRESS, (whole, scheme: string, rest: string, query?: string) => {
      const isBare = whole.length === scheme.length + rest.length + (query?.length ?? 0)
      return `${scheme}${isBare ? '' : `${HIDDEN}@`}${rest}${query === undefined ? '' : `?${HIDDEN}`}`
    })
    .replace(PAIR, (whole, name: string, between: string) =>
      isSecretName(name) && !between.includes('//') ? `${name}${between}${HIDDEN}` : whole,
    )

/** A text that is JSON itself (DataTransfer) is read as such. */
const redactText = (text: string, depth: number): string => {
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.stringify(redact(JSON.parse(text) as unknown, depth + 1))
    } catch {
      // No JSON after all.
    }
  }
  return withoutSecrets(text.slice(0, MAX_TEXT))
}

/**
 * A copy of a payload for what is kept and shown: values of secret names, credentials and queries of
 * addresses hidden, long texts cut.
 */
export const redact = (value: unknown, depth = 0, keyIsSecret = false): unknown => {
  if (typeof value === 'string') return redactText(value, depth)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '(too deep)'
  if (Array.isArray(value)) return value.map((item: unknown) => redact(item, depth + 1))
  const fields = value as Readonly<Record<string, unknown>>
  const hidesValue = namesSecret(fields)
  return Object.fromEntries(
    Object.entries(fields).map(([name, held]) => {
      const isHidden =
        isSecretName(name) ||
        (hidesValue && VALUES.has(name)) ||
        (keyIsSecret && name.toLowerCase() === 'key')
      return [
        name,
        isHidden ? HIDDEN : redact(held, depth + 1, KEY_HOLDERS.has(name.toLowerCase())),
      ]
    }),
  )
}
