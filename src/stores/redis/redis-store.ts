import { randomBytes } from 'node:crypto'
import type { CacheEntry, Candidate } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import type { StoreEvent } from '../../core/events.ts'
import { invalidOption } from '../../core/options.ts'
import { checkUnitVector } from '../embedded/stored-entry.ts'
import { encodeValue } from '../record-codec.ts'
import type {
  EntryChange,
  LockStore,
  ObservableStore,
  ReadAbout,
  StoreRead,
  StoreWrite,
  TotalsStore,
  VectorCacheStore,
  VectorQuery,
} from '../store.ts'
import { StoreNotices } from '../store-notices.ts'
import { type Belonging, Generations, type Marks } from './generations.ts'
import { KeyNames, unescapeName } from './key-names.ts'
import type { SharedRedis } from './own-client.ts'
import {
  decodeFields,
  encodeFields,
  type PackedRecord,
  RECORD_FIELDS,
  type RecordFields,
  VECTOR_FIELD,
  withLazyValue,
  withValue,
} from './record.ts'
import type { CheckedSettings } from './redis-options.ts'
import { ADD, RELEASE, RENEW, runScript, TAG, UPDATE, WRITE } from './scripts.ts'
import { isWrongType, removeEntries, sweep, unlink } from './sweep.ts'
import { isNoIndex, type VectorIndex, VectorIndexes } from './vector-index.ts'
import { listNeighbours, type RawNeighbour, readNeighbour, searchCommand } from './vector-search.ts'

/** Asked for beyond what is wanted, because what has expired or was cleared takes a place until it is swept. */
const SPARE_NEIGHBOURS = 5
/** One of so many writes under a tag drops from its list what has expired. */
const TRIM_ONE_IN = 16

/** Everything that the caches keep, in one Redis. */
export class RedisStore implements VectorCacheStore, LockStore, TotalsStore, ObservableStore {
  readonly name = 'redis'
  readonly #redis: SharedRedis
  readonly #settings: CheckedSettings
  readonly #names: KeyNames
  readonly #generations: Generations
  readonly #indexes: VectorIndexes
  readonly #notices: StoreNotices
  #closed = false

  /** @param database of the server; the query engine sees nothing but the first, 0 */
  constructor(redis: SharedRedis, settings: CheckedSettings, database = 0) {
    this.#redis = redis
    this.#settings = settings
    this.#names = new KeyNames(settings.keyPrefix)
    this.#generations = new Generations(redis)
    this.#notices = new StoreNotices(this.name, settings.now)
    this.#indexes = new VectorIndexes(redis, this.#names, settings.index, this.#notices, database)
  }

  listen(listener: (event: StoreEvent) => void): () => void {
    return this.#notices.listen(listener)
  }

  async get<Value>(key: string, about: ReadAbout): Promise<StoreRead<Value>> {
    this.#checkOpen()
    const { namespace, whole } = about
    const generationKey = this.#names.generation(namespace)
    const entryKey = this.#names.entry(namespace, key)
    // One round trip: what is sent in one tick goes out together.
    const asked = await this.#generations.ask(generationKey, about)
    const reading = this.#read(['HMGET', entryKey, ...(whole ? WHOLE_RECORD : RECORD_FIELDS)], entryKey)
    const hitsKey = whole ? this.#names.hits(namespace, key) : undefined
    const counting = hitsKey === undefined ? undefined : this.#read(['GET', hitsKey], hitsKey)
    counting?.catch(() => undefined)
    let reply: unknown
    let hits: unknown
    try {
      reply = await reading
      hits = await counting
    } catch (error) {
      if (!isWrongType(error)) throw error
      reply = undefined
    }
    const marks = await asked.marks
    if (marks.life === undefined) return { generation: (await this.#generations.begin(generationKey)).generation }
    const { generation } = marks
    if (!Array.isArray(reply)) return { generation, problem: 'foreign' }
    const fields = recordFields(reply)
    if (!fields) return { generation }
    const packed = decodeFields(key, namespace, fields, this.#settings)
    if (typeof packed === 'string') return { generation, problem: packed }
    const known = this.#isAlive(packed, marks)
    const [isAlive] = known === 'unknown' ? await this.#areAlive(namespace, [packed], marks) : [known]
    if (!isAlive) return { generation }
    try {
      const entry = withValue<Value>(packed)
      return { entry: hits ? { ...entry, hits: entry.hits + Number(hits) } : entry, generation }
    } catch {
      return { generation, problem: 'corrupt' }
    }
  }

  async set<Value>(given: CacheEntry<Value>, options: { readonly ifGeneration?: string } = {}): Promise<StoreWrite> {
    this.#checkOpen()
    if ((given.vector === undefined) !== (given.embedderId === undefined)) {
      throw new CacheError('INVALID_OPTION', 'an entry must have both vector and embedderId, or neither')
    }
    if (given.vector) checkUnitVector(given.vector)
    let content: string
    try {
      content = encodeValue(given.value)
    } catch (error) {
      if (CacheError.is(error, 'NOT_ENCODABLE')) return { stored: false, reason: 'not-encodable' }
      throw error
    }
    // Read before the first wait: what the caller changes afterwards is not ours.
    const entry = { ...given, tags: [...given.tags], vector: given.vector?.slice(), evidence: { ...given.evidence } }
    const { namespace, embedderId, vector, tags, key } = entry
    const generationKey = this.#names.generation(namespace)
    const entryKey = this.#names.entry(namespace, key)

    const [marks, index] = await Promise.all([
      this.#generations.readToWrite(generationKey, entry),
      vector && embedderId !== undefined
        ? this.#indexes.ensure({ namespace, embedderId, dimensions: vector.length })
        : undefined,
    ])
    // Stamped with the moment when its call began: a clear that comes between here and the write hides it all the same.
    const generation = options.ifGeneration ?? marks.generation
    if (marks.isCleared(generation, entry)) return { stored: false, reason: 'cleared' }
    const { fields, bytes } = await encodeFields(entry, content, generation, index?.space, this.#settings)
    if (bytes > this.#settings.maxRecordBytes) return { stored: false, reason: 'too-large' }

    const expiresAt = Math.ceil(entry.expiresAt)
    if (expiresAt <= this.#settings.now()) {
      await unlink(this.#redis, entryKey)
      return { stored: true }
    }
    await Promise.all([
      ...tags.map((tag) => this.#addToTag(namespace, tag, key, expiresAt)),
      runScript(this.#redis, WRITE, entryKey, [String(expiresAt), ...fields]),
      unlink(this.#redis, this.#names.hits(namespace, key)),
    ])
    // A sweep that began meanwhile may have passed the place of the entry; then it is ours to remove.
    const since = await this.#generations.readToWrite(generationKey, entry)
    if (!since.isCleared(generation, entry)) return { stored: true }
    await unlink(this.#redis, entryKey)
    return { stored: false, reason: 'cleared' }
  }

  async update(key: string, change: EntryChange): Promise<boolean> {
    this.#checkOpen()
    const {
      namespace,
      expiresAt,
      addHits = 0,
      addCorrect,
      addWrong,
      addExpectedWrong,
      addOwnCorrect,
      addOwnWrong,
    } = change
    for (const [name, value] of Object.entries(change)) {
      if (name !== 'namespace' && value !== undefined && !Number.isFinite(value)) {
        throw invalidOption(name, 'a finite number', value)
      }
    }
    const counts = { c: addCorrect, w: addWrong, u: addExpectedWrong, k: addOwnCorrect, l: addOwnWrong }
    const changed = await runScript(this.#redis, UPDATE, this.#names.entry(namespace, key), [
      ...[String(this.#settings.now()), expiresAt === undefined ? '' : String(expiresAt)],
      ...Object.entries(counts).flatMap(([field, add]) => (add ? [field, String(add)] : [])),
    ])
    if (!Array.isArray(changed)) return false
    const end = String(Math.ceil(Number(changed[0])))
    const tags = expiresAt === undefined ? [] : String(changed[1]).split(',').filter(Boolean)
    const hits = this.#names.hits(namespace, key)
    const addition: Promise<unknown>[] =
      addHits === 0 ? [] : [this.#write(['INCRBYFLOAT', hits, String(addHits)], hits)]
    if (addHits !== 0 || expiresAt !== undefined) addition.push(this.#write(['PEXPIREAT', hits, end], hits))
    await Promise.all([
      ...addition,
      ...tags.map((tag) => this.#addToTag(namespace, unescapeName(tag), key, Number(end))),
    ])
    return true
  }

  async delete(keys: readonly string[], { namespace }: { readonly namespace: string }): Promise<number> {
    this.#checkOpen()
    const removed = await removeEntries(this.#sweepAbout(namespace, {}), [...new Set(keys)])
    return removed.filter((how) => how === 1).length
  }

  async clear({ namespace, ...belonging }: Belonging & { readonly namespace: string }): Promise<number> {
    this.#checkOpen()
    if (belonging.tags?.length === 0) return 0
    await this.#generations.clear(this.#names.generation(namespace), belonging)
    return sweep(this.#sweepAbout(namespace, belonging))
  }

  async nearest<Value>(query: VectorQuery): Promise<readonly Candidate<Value>[]> {
    this.#checkOpen()
    const { namespace, embedderId, scope, vector, limit } = query
    if (!Number.isInteger(limit) || limit < 1) throw invalidOption('limit', 'an integer ≥ 1', limit)
    checkUnitVector(vector)
    const wanted = { namespace, embedderId, dimensions: vector.length }
    const index = await this.#indexes.ensure(wanted)
    if (!index) return []
    try {
      return await this.#search<Value>(index, query)
    } catch (error) {
      if (!isNoIndex(error)) throw error
      // Flushed or dropped under our feet: the new one takes in what records there are.
      this.#indexes.forget(index)
      await Promise.resolve()
      const anew = await this.#indexes.ensure(wanted)
      return anew ? this.#search<Value>(anew, { ...query, scope }) : []
    }
  }

  async acquire(key: string, leaseMs: number): Promise<string | undefined> {
    this.#checkOpen()
    const token = randomBytes(12).toString('base64url')
    const lock = this.#names.lock(key)
    const reply = await this.#write(['SET', lock, token, 'NX', 'PX', String(Math.ceil(leaseMs))], lock)
    return reply === null ? undefined : token
  }

  async renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    this.#checkOpen()
    return Number(await runScript(this.#redis, RENEW, this.#names.lock(key), [token, String(Math.ceil(leaseMs))])) === 1
  }

  async release(key: string, token: string): Promise<void> {
    this.#checkOpen()
    await runScript(this.#redis, RELEASE, this.#names.lock(key), [token])
  }

  async add(key: string, amounts: Readonly<Record<string, number>>, ttlMs: number): Promise<void> {
    this.#checkOpen()
    const pairs = Object.entries(amounts).flatMap(([name, amount]) => [name, String(amount)])
    await runScript(this.#redis, ADD, this.#names.totals(key), [String(Math.ceil(ttlMs)), ...pairs])
  }

  async read(keys: readonly string[]): Promise<readonly Readonly<Record<string, number>>[]> {
    this.#checkOpen()
    return Promise.all(
      keys.map(async (key) => {
        const totals = this.#names.totals(key)
        const reply = await this.#read(['HGETALL', totals], totals)
        const parts = Array.isArray(reply) ? reply : []
        const pairs = parts.flatMap((part, i) => (i % 2 === 0 ? [[String(part), Number(parts[i + 1])] as const] : []))
        return Object.fromEntries(pairs)
      }),
    )
  }

  /** Nothing waits here; how soon the server writes to disk is its own configuration. */
  async flush(): Promise<void> {
    this.#checkOpen()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#redis.close()
  }

  async #search<Value>(index: VectorIndex, query: VectorQuery): Promise<readonly Candidate<Value>[]> {
    const { limit } = query
    const first = await this.#searchOnce<Value>(index, query, limit + SPARE_NEIGHBOURS)
    if (!first.isShort) return first.found
    const aliveAt = this.#settings.now()
    const more = await this.#searchOnce<Value>(index, query, 8 * limit + 50, aliveAt)
    return more.found
  }

  async #searchOnce<Value>(
    index: VectorIndex,
    { namespace, scope, vector, tenant, limit: wanted }: VectorQuery,
    limit: number,
    aliveAt?: number,
  ): Promise<{ readonly found: readonly Candidate<Value>[]; readonly isShort: boolean }> {
    const command = searchCommand(index, { scope, vector, limit, aliveAt }, this.#settings.index)
    const about = tenant === undefined ? {} : { tenant }
    const asked = await this.#generations.ask(this.#names.generation(namespace), about)
    const reply = await this.#redis.send(command, { readonly: true })
    const marks = await asked.marks
    const neighbours = listNeighbours(reply)
    const found: Candidate<Value>[] = []
    // Unpacking costs more than all else here, so the spare ones are unpacked only when they are needed.
    for (let at = 0; at < neighbours.length && found.length < wanted; ) {
      const read: SimilarRecord[] = []
      for (const end = at + wanted - found.length; at < end && at < neighbours.length; at++) {
        const record = this.#readNeighbour(namespace, scope, neighbours[at] as RawNeighbour)
        if (record) read.push(record)
      }
      let alive: readonly (boolean | 'unknown')[] = read.map(({ packed }) => this.#isAlive(packed, marks))
      if (alive.includes('unknown')) {
        alive = await this.#areAlive(
          namespace,
          read.map(({ packed }) => packed),
          marks,
        )
      }
      for (let i = 0; i < read.length; i++) {
        const { packed, similarity } = read[i] as SimilarRecord
        if (alive[i]) found.push({ entry: withLazyValue<Value>(packed), similarity })
      }
    }
    return { found, isShort: found.length < wanted && found.length < neighbours.length }
  }

  #readNeighbour(namespace: string, scope: string, raw: RawNeighbour): SimilarRecord | undefined {
    const neighbour = readNeighbour(raw)
    if (!neighbour) return undefined
    const { key, similarity, fields } = neighbour
    const own = unescapeName(key.slice(this.#names.entries(namespace).length))
    const packed = decodeFields(own, namespace, fields, this.#settings)
    if (typeof packed === 'string') {
      this.#notices.tell({ what: `record-${packed}`, namespace, operation: 'nearest' })
      return undefined
    }
    return packed.entry.scope === scope ? { packed, similarity } : undefined
  }

  /** Whether it has neither expired nor been cleared, as far as the marks tell. */
  #isAlive({ entry, generation }: PackedRecord, marks: Marks): boolean | 'unknown' {
    if (entry.expiresAt <= this.#settings.now()) return false
    const isCleared = marks.isCleared(generation, entry)
    return isCleared === 'unknown' ? 'unknown' : !isCleared
  }

  /** The same of several, when something was cleared since, and whether that had to do with them was not asked. */
  async #areAlive(namespace: string, records: readonly PackedRecord[], marks: Marks): Promise<readonly boolean[]> {
    const entries = records.map(({ entry }) => entry)
    const isUnknown = records.map((record) => this.#isAlive(record, marks) === 'unknown')
    const unknown = entries.filter((_, i) => isUnknown[i])
    const asked = await this.#generations.ask(this.#names.generation(namespace), ...unknown)
    const more = await asked.marks
    return records.map((record, i) => this.#isAlive(record, isUnknown[i] ? more : marks) === true)
  }

  #addToTag(namespace: string, tag: string, key: string, expiresAt: number): Promise<unknown> {
    const list = this.#names.tag(namespace, tag)
    const now = this.#settings.now()
    const member = this.#names.entry(namespace, key).slice(this.#names.entries(namespace).length)
    const trim = Math.random() * TRIM_ONE_IN < 1 ? String(now) : ''
    return runScript(this.#redis, TAG, list, [String(expiresAt), member, trim, String(Math.max(1, expiresAt - now))])
  }

  /** A command of one key that a replica may answer. */
  #read(args: readonly string[], key: string): Promise<unknown> {
    return this.#redis.send(args, { key, readonly: true })
  }

  /** A command of one key that changes it. */
  #write(args: readonly string[], key: string): Promise<unknown> {
    return this.#redis.send(args, { key })
  }

  #sweepAbout(namespace: string, belonging: Belonging) {
    return { ...belonging, redis: this.#redis, names: this.#names, namespace, now: this.#settings.now() }
  }

  #checkOpen(): void {
    if (this.#closed) throw new CacheError('CLOSED', 'the redis store was closed')
  }
}

/** The fields in the order in which they were asked for; nothing when the record has none of them. */
function recordFields(reply: readonly (Buffer | null)[]): RecordFields | undefined {
  const p = reply[0] ?? null
  if (p === null && reply.every((field) => field === null)) return undefined
  const fields = {
    p,
    n: reply[1] ?? null,
    s: reply[2] ?? null,
    t: reply[3] ?? null,
    x: reply[4] ?? null,
    c: reply[5] ?? null,
    w: reply[6] ?? null,
    u: reply[7] ?? null,
    k: reply[8] ?? null,
    l: reply[9] ?? null,
  }
  const v = reply[10]
  return v === undefined ? fields : { ...fields, v }
}

interface SimilarRecord {
  readonly packed: PackedRecord
  readonly similarity: number
}

const WHOLE_RECORD = [...RECORD_FIELDS, VECTOR_FIELD]
