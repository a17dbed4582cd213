import { messageOf } from '../net/link.ts'

interface Attempt {
  readonly mode: string
  readonly policy: string
  /** Our certificate, which the server may have to be told about. */
  readonly certificateFile: string
}

type Meaning = (match: RegExpExecArray, attempt: Attempt) => string

const turnedAway: Meaning = ([what], { mode, certificateFile }) =>
  mode === 'None'
    ? `the server turned us away: ${what}`
    : `the server turned us away (${what}): have it trust ${certificateFile}`

/** What the stack or a server says -> what it means for the person who has to mend it. */
const MEANINGS: readonly (readonly [RegExp, Meaning])[] = [
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|premature disconnection/,
    () => 'nothing answers there: is the server running, the address right, the port open?',
  ],
  [/timed? ?out/i, () => 'the server did not answer in time'],
  [
    /Bad(UserAccessDenied|IdentityToken\w*|UserSignatureInvalid)/,
    ([status]) => `the server does not accept our identity (${status}): check user and password`,
  ],
  [
    /Cannot find (\w+) user token policy/,
    ([, kind]) =>
      `the server offers no ${kind.toLowerCase()} login: set identity to one that it has`,
  ],
  [
    /Cannot find an Endpoint matching|cannot find endpoint for/,
    (_, { mode, policy }) =>
      `the server does not offer ${mode} with ${policy}: choose a mode and policy that it has`,
  ],
  [/BadSecurityChecksFailed|BadCertificate\w*/, turnedAway],
  [/rejected by server|disconnected by third party/, turnedAway],
]

/** One line for people; the error as it was when nothing better is known. */
export const explainFailure = (error: unknown, attempt: Attempt): string => {
  const text = messageOf(error).replaceAll(/\s+/g, ' ').trim()
  for (const [pattern, meaning] of MEANINGS) {
    const match = pattern.exec(text)
    if (match) return meaning(match, attempt)
  }
  return text
}
