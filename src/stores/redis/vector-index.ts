import { createHash } from 'node:crypto'
import { CacheError } from '../../core/errors.ts'
import type { StoreNotices } from '../store-notices.ts'
import { type Redis, serverMessage } from './connection.ts'
import type { VectorType } from './half-floats.ts'
import type { KeyNames } from './key-names.ts'
import type { VectorSpace } from './record.ts'
import type { CheckedSettings } from './redis-options.ts'

export interface VectorIndex {
  readonly name: string
  readonly space: VectorSpace
}

interface Wanted {
  readonly namespace: string
  readonly embedderId: string
  readonly dimensions: number
}

/** After a refusal that need not last: the server may be replaced by one with the query engine. */
const ASK_AGAIN_AFTER_MS = 60_000
/** Embedders and dimensions for which the state is kept; one more forgets the oldest, which is then looked up anew. */
const MAX_KEPT = 1_000

/**
 * One index per namespace and embedder, made on first use by whichever process comes first. An index of the name that
 * has another schema is left alone, and one of our own takes its place.
 */
export class VectorIndexes {
  readonly #redis: Redis
  readonly #names: KeyNames
  readonly #wanted: CheckedSettings['index']
  readonly #notices: StoreNotices
  readonly #database: number
  readonly #known = new Map<string, Promise<VectorIndex | undefined>>()
  #withoutUntil = 0
  #saidWithout = false

  constructor(
    redis: Redis,
    names: KeyNames,
    wanted: CheckedSettings['index'],
    notices: StoreNotices,
    database: number,
  ) {
    this.#redis = redis
    this.#names = names
    this.#wanted = wanted
    this.#notices = notices
    this.#database = database
  }

  /** The index, or nothing where the server has no vector search. Rejects when the server could not be asked. */
  ensure(wanted: Wanted): Promise<VectorIndex | undefined> {
    const id = `${wanted.dimensions} ${wanted.embedderId.length} ${wanted.embedderId}${wanted.namespace}`
    const known = this.#known.get(id)
    if (known) return known
    if (performance.now() < this.#withoutUntil) return NOTHING
    if (this.#database !== 0) {
      // The server would hand out an index of database 0 without a word, in which nothing of ours ever is.
      this.#sayWithout(wanted.namespace, `database ${this.#database} has no query engine, only database 0 has`)
      return NOTHING
    }
    const made = this.#make(wanted)
    if (this.#known.size >= MAX_KEPT)
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest)
        break
      }
    this.#known.set(id, made)
    made.then(
      (index) => index ?? this.#known.delete(id),
      () => this.#known.delete(id),
    )
    return made
  }

  /** The index was gone: somebody flushed or dropped it. */
  forget(gone: VectorIndex): void {
    for (const [id, known] of this.#known) {
      known.then(
        (index) => {
          if (index?.name === gone.name && this.#known.get(id) === known) this.#known.delete(id)
        },
        () => undefined,
      )
    }
  }

  async #make(wanted: Wanted): Promise<VectorIndex | undefined> {
    try {
      const name = this.#names.index(wanted.namespace, hash(wanted.embedderId))
      return (
        (await this.#adopt(name, wanted)) ??
        (await this.#create(name, wanted)) ??
        (await this.#makeBeside(name, wanted))
      )
    } catch (error) {
      const message = serverMessage(error)
      const without = /unknown command|^NOPERM|db != 0|not supported|can't be found/i.test(message)
      if (!without) throw error
      this.#withoutUntil = performance.now() + ASK_AGAIN_AFTER_MS
      this.#sayWithout(wanted.namespace, `the server refuses the query engine: ${message.slice(0, 100)}`)
      return undefined
    }
  }

  #sayWithout(namespace: string, why: string): void {
    if (this.#saidWithout) return
    this.#saidWithout = true
    this.#notices.tell({ what: 'no-vector-search', namespace, detail: `exact reuse only, because ${why}` })
  }

  async #makeBeside(name: string, wanted: Wanted): Promise<VectorIndex> {
    const { algorithm, links, constructionEffort, vectorType } = this.#wanted
    const own = `${name}:${hash(JSON.stringify([wanted.dimensions, algorithm, links, constructionEffort, vectorType]))}`
    const index =
      (await this.#adopt(own, wanted)) ?? (await this.#create(own, wanted)) ?? (await this.#adopt(own, wanted))
    if (!index) throw new CacheError('STORE_FAILED', `the index ${own} has another schema than its name says`)
    const detail = `${name} has another schema and was left alone; entries are found through ${own}`
    this.#notices.tell({ what: 'index-mismatch', namespace: wanted.namespace, detail })
    return index
  }

  /** The index of the name when it is there and as we want it. */
  async #adopt(name: string, wanted: Wanted): Promise<VectorIndex | undefined> {
    let reply: unknown
    try {
      reply = await this.#redis.send(['FT.INFO', name])
    } catch (error) {
      if (isNoIndex(error)) return undefined
      throw error
    }
    const live = readSchema(reply)
    const { algorithm, links, constructionEffort, vectorType } = this.#wanted
    const { type } = live
    if (type !== 'FLOAT16' && type !== 'FLOAT32') return undefined
    const space = spaceOf(wanted, type)
    const isAsWanted =
      live.prefix === this.#names.entries(wanted.namespace) &&
      live.filter === filterOf(space) &&
      live.fields === FIELDS &&
      live.algorithm === algorithm &&
      live.dimensions === wanted.dimensions &&
      (vectorType === undefined || vectorType === type) &&
      (algorithm === 'FLAT' || (live.links === links && live.constructionEffort === constructionEffort))
    return isAsWanted ? { name, space } : undefined
  }

  /** Nothing when an index of the name came first and is not as we want it. */
  async #create(name: string, wanted: Wanted): Promise<VectorIndex | undefined> {
    const types: readonly VectorType[] = this.#wanted.vectorType ? [this.#wanted.vectorType] : ['FLOAT16', 'FLOAT32']
    for (const type of types) {
      const space = spaceOf(wanted, type)
      try {
        await this.#redis.send(['FT.CREATE', name, ...this.#schema(wanted, space)])
        this.#notices.tell({ what: 'index-created', namespace: wanted.namespace, detail: name })
        return { name, space }
      } catch (error) {
        const message = serverMessage(error)
        if (/index already exists/i.test(message)) return this.#adopt(name, wanted)
        if (type !== 'FLOAT16' || !/type|bad arguments/i.test(message) || types.length === 1) throw error
      }
    }
    return undefined
  }

  #schema({ namespace, dimensions }: Wanted, space: VectorSpace): string[] {
    const { algorithm, links, constructionEffort } = this.#wanted
    const vector = ['TYPE', space.type, 'DIM', String(dimensions), 'DISTANCE_METRIC', 'COSINE']
    if (algorithm === 'HNSW') vector.push('M', String(links), 'EF_CONSTRUCTION', String(constructionEffort))
    const tag = (name: string) => [name, 'TAG', 'CASESENSITIVE']
    return [
      ...['ON', 'HASH', 'PREFIX', '1', this.#names.entries(namespace), 'FILTER', filterOf(space)],
      // Nothing here is text: without offsets, frequencies and field flags of words the index is smaller.
      ...['NOOFFSETS', 'NOFREQS', 'NOHL', 'STOPWORDS', '0'],
      ...['SCHEMA', ...tag('s'), ...tag('t'), ...tag('m'), ...tag('x'), 'n', 'NUMERIC'],
      ...['v', 'VECTOR', algorithm, String(vector.length), ...vector],
    ]
  }
}

const NOTHING: Promise<undefined> = Promise.resolve(undefined)
const FIELDS = 'm:TAG n:NUMERIC s:TAG t:TAG v:VECTOR x:TAG'

/** What each version says of an index that is not there. */
export function isNoIndex(error: unknown): boolean {
  return /no such index|unknown index name|index with name .* not found/i.test(serverMessage(error))
}

function spaceOf({ embedderId, dimensions }: Wanted, type: VectorType): VectorSpace {
  return { id: hash(JSON.stringify([embedderId, dimensions, type])), type }
}

/** An exact entry, or one of another embedder, costs this index nothing. */
function filterOf({ id }: VectorSpace): string {
  return `@e=="${id}"`
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

interface LiveSchema {
  readonly prefix?: string
  readonly filter?: string
  readonly fields: string
  readonly type?: string
  readonly algorithm?: string
  readonly dimensions?: number
  readonly links?: number
  readonly constructionEffort?: number
}

function readSchema(reply: unknown): LiveSchema {
  const info = namedParts(reply)
  const definition = namedParts(info.get('index_definition'))
  const attributes = listOf(info.get('attributes')).map(namedParts)
  const vector = attributes.find((attribute) => textOf(attribute.get('type')) === 'VECTOR')
  const text = (name: string) => textOf(vector?.get(name))
  const number = (name: string) => Number(text(name))
  return {
    prefix: textOf(listOf(definition.get('prefixes'))[0]),
    filter: textOf(definition.get('filter')),
    fields: attributes
      .map((attribute) => `${textOf(attribute.get('attribute'))}:${textOf(attribute.get('type'))}`)
      .sort()
      .join(' '),
    type: text('data_type'),
    algorithm: text('algorithm'),
    dimensions: number('dim'),
    links: number('M'),
    constructionEffort: number('ef_construction'),
  }
}

/** A flat list of names and values, as maps come under both protocols. Flags without a value come last in old ones. */
function namedParts(list: unknown): Map<string, unknown> {
  const parts = new Map<string, unknown>()
  const values = listOf(list)
  for (let i = 0; i + 1 < values.length; i += 2) parts.set(textOf(values[i]) ?? '', values[i + 1])
  return parts
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value)
}
