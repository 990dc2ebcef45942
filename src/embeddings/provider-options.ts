import { invalidOption, numberOption } from '../core/options.ts'
import { BATCHING_NAMES, type BatchingOptions } from './batching.ts'

/** What every embedder behind HTTP takes. */
export interface ProviderOptions extends BatchingOptions {
  /** For one request with its retries, in milliseconds; default 10,000. */
  readonly deadlineMs?: number
  /** Further headers of every request. They are treated as secrets. */
  readonly headers?: Readonly<Record<string, string>>
}

export const PROVIDER_NAMES = [...BATCHING_NAMES, 'deadlineMs', 'headers'] as const

export function providerOptions({ deadlineMs, headers = {} }: ProviderOptions) {
  if (
    typeof headers !== 'object' ||
    headers === null ||
    Object.values(headers).some((value) => typeof value !== 'string')
  ) {
    throw invalidOption('headers', 'an object of strings', headers)
  }
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers({ [name]: value })
    } catch {
      // The value is a secret.
      throw invalidOption('headers', 'names and values that HTTP allows', name)
    }
  }
  return { deadlineMs: numberOption('deadlineMs', deadlineMs, { min: 1, default: 10_000 }), headers }
}

/** The key from the option or from the first of the environment variables that is set. */
export function apiKeyOption(option: unknown, variables: readonly string[]): string | undefined {
  if (option !== undefined && (typeof option !== 'string' || option === '')) {
    // The value is a secret, whatever it is.
    throw invalidOption('apiKey', 'a non-empty string', typeof option)
  }
  return option ?? variables.map((name) => process.env[name]).find((value) => value !== undefined && value !== '')
}

export function missingKey(variables: readonly string[]): Error {
  return invalidOption('apiKey', `given as an option or in the environment as ${variables.join(' or ')}`, undefined)
}

/** An http(s) address without credentials, query or trailing slash. */
export function baseUrlOption(name: string, value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    const shown = typeof value === 'string' && value.includes('@') ? 'a text with "@"' : value
    throw invalidOption(name, 'an http or https URL', shown)
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidOption(name, 'a URL without credentials (use apiKey or headers)', 'one with credentials')
  }
  if (url.search !== '' || url.hash !== '') throw invalidOption(name, 'a URL without query and fragment', url.origin)
  return url.href.replace(/\/+$/, '')
}
