import { redact } from '../domain/redact.ts'

const MAX_DETAIL = 8_000

/** What goes into the audit trail of a request: redacted and bounded. */
export const auditDetail = (value: unknown): unknown => {
  const clean = redact(value)
  const text = JSON.stringify(clean)
  return text.length <= MAX_DETAIL ? clean : { cut: text.slice(0, MAX_DETAIL) }
}
