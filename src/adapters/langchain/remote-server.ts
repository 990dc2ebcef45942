import { fingerprint } from '../../core/fingerprint.ts'

/** Where definitions of remote servers (OpenAI's `mcp` tools, Anthropic's `mcp_servers`) hold what they log in with. */
const LOGIN_FIELDS: ReadonlySet<string> = new Set(['headers', 'authorization', 'authorization_token'])

/**
 * The definition of a server that the provider itself will ask, with a one-way fingerprint in the place of its
 * credentials: they say whose data the answer is made of. Any other value as it is.
 *
 * @throws CacheError NOT_CANONICAL for credentials that are no plain data
 */
export function withoutLogin(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (value.type !== 'mcp' && !('server_url' in value) && !('authorization_token' in value)) return value
  const entries = Object.entries(value).filter(([, held]) => held !== undefined)
  const login = entries.filter(([name]) => LOGIN_FIELDS.has(name))
  if (login.length === 0) return value
  return {
    ...Object.fromEntries(entries.filter(([name]) => !LOGIN_FIELDS.has(name))),
    loginFingerprint: fingerprint('remote-server-login', Object.fromEntries(login)),
  }
}
