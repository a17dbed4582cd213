/**
 * Takes the token out of `#token=...`. It is removed from the address bar and from the history
 * before anything else happens, so that it is neither seen, bookmarked nor shared.
 */
export const takeToken = (): string | null => {
  const parts = new URLSearchParams(location.hash.slice(1))
  const token = parts.get('token')
  if (token === null) return null
  parts.delete('token')
  const rest = parts.toString()
  history.replaceState(null, '', `${location.pathname}${location.search}${rest && `#${rest}`}`)
  return token.trim() || null
}

/** Key of the charger that the address points at: `#charger=GARAGE-1/1`. */
export const chargerInAddress = (): string | null =>
  new URLSearchParams(location.hash.slice(1)).get('charger')

/** Points the address at a charger, or at none. The way back closes it. */
export const pointAtCharger = (key: string | null): void => {
  if (key === chargerInAddress()) return
  if (key === null) history.replaceState(null, '', `${location.pathname}${location.search}`)
  else location.hash = new URLSearchParams({ charger: key }).toString().replaceAll('%2F', '/')
}
