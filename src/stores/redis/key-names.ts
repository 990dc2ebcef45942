/** Rises when a process of the old layout would misread the new one; part of every key. */
const LAYOUT = '1'

/**
 * A name as part of a key or of a TAG value: what has a meaning to Redis or its query language is written as `%` and
 * four hexadecimal digits per UTF-16 unit, so that every name is taken literally and comes back unchanged.
 */
export function escapeName(name: string): string {
  if (name === '') return '%'
  // Most names are fingerprints, which have nothing to escape; to see that costs less than to replace nothing.
  if (!/[^A-Za-z0-9_.-]/.test(name)) return name
  return name.replace(/[^A-Za-z0-9_.-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function unescapeName(escaped: string): string {
  if (escaped === '%') return ''
  if (!escaped.includes('%')) return escaped
  return escaped.replace(/%([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

interface NamespaceNames {
  readonly all: string
  readonly entries: string
  readonly generation: string
}

/** The names of all keys of one store. No key holds a hash tag: in a cluster the entries spread over all slots. */
export class KeyNames {
  readonly #root: string
  readonly #namespaces = new Map<string, NamespaceNames>()

  constructor(keyPrefix: string) {
    this.#root = `${keyPrefix}:${LAYOUT}:`
  }

  /** HASH: one entry. */
  entry(namespace: string, key: string): string {
    return this.#of(namespace).entries + escapeName(key)
  }

  /** What the keys of all entries of a namespace begin with, and no other key. */
  entries(namespace: string): string {
    return this.#of(namespace).entries
  }

  /** What all keys of a namespace begin with. */
  all(namespace: string): string {
    return this.#of(namespace).all
  }

  /** A counter: hits since the entry was written. Apart from the entry, because a write there indexes its vector anew. */
  hits(namespace: string, key: string): string {
    return `${this.all(namespace)}h:${escapeName(key)}`
  }

  /** HASH: the life of the namespace, and what was cleared when. */
  generation(namespace: string): string {
    return this.#of(namespace).generation
  }

  /** ZSET: the entries of a tag by the time they expire. */
  tag(namespace: string, tag: string): string {
    return `${this.all(namespace)}t:${escapeName(tag)}`
  }

  index(namespace: string, embedderHash: string): string {
    return `${this.all(namespace)}i:${embedderHash}`
  }

  lock(key: string): string {
    return `${this.#root}lock:${escapeName(key)}`
  }

  totals(key: string): string {
    return `${this.#root}totals:${escapeName(key)}`
  }

  #of(namespace: string): NamespaceNames {
    let names = this.#namespaces.get(namespace)
    if (names === undefined) {
      const all = `${this.#root}n:${escapeName(namespace)}:`
      names = { all, entries: `${all}e:`, generation: `${all}g` }
      if (this.#namespaces.size < 1_000) this.#namespaces.set(namespace, names)
    }
    return names
  }
}
