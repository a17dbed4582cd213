/** The page loads everything from here and talks to nobody else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

const COMMON = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const

/** Answers hold what only the holder of a token may see: nobody keeps them. */
export const DATA_HEADERS = {
  ...COMMON,
  'content-security-policy': DATA_POLICY,
  'cache-control': 'no-store',
} as const

export const PAGE_HEADERS = { ...COMMON, 'content-security-policy': PAGE_POLICY } as const

/** Over TLS: from now on only so. */
export const TLS_HEADERS = { 'strict-transport-security': 'max-age=31536000' } as const
