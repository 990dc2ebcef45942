import { randomBytes } from 'node:crypto'
import type { Redis } from './connection.ts'
import { escapeName } from './key-names.ts'
import { BEGIN, CLEAR, READ_MARKS, runScript } from './scripts.ts'

export interface Belonging {
  readonly tenant?: string
  readonly tags?: readonly string[]
}

/** Marks kept per namespace; see the script CLEAR. */
const MAX_MARKS = 10_000
const HEAD = ['life', 'n', 'f']
const DAY_MS = 86_400_000
/** Far longer than any entry is likely to live; entries outlive the generation of their namespace in no case. */
const GENERATION_TTL_MS = 400 * DAY_MS

/** What the server remembers of clears in a namespace, for the tenant and tags that were asked about. */
export class Marks {
  readonly life: string | undefined
  /** Of what is stored now. */
  readonly generation: string
  readonly #clears: number
  readonly #floor: number
  readonly #clearedAt = new Map<string, number>()

  constructor(reply: unknown, fields: readonly string[]) {
    const values = Array.isArray(reply) ? reply : []
    this.life = values[0]?.toString()
    this.#clears = Number(values[1] ?? 0)
    this.#floor = Number(values[2] ?? 0)
    this.generation = `${this.life}.${this.#clears}`
    for (const [i, field] of fields.entries()) this.#clearedAt.set(field, Number(values[i + HEAD.length] ?? 0))
  }

  /**
   * Whether what belongs to the tenant and tags was cleared since the generation was read; `unknown` when that depends
   * on marks that were not asked for.
   */
  isCleared(generation: string, belonging: Belonging): boolean | 'unknown' {
    // Nothing was cleared since, which is the usual case.
    if (this.life !== undefined && generation === this.generation) return false
    const separator = generation.lastIndexOf('.')
    if (this.life === undefined || separator < 0 || generation.slice(0, separator) !== this.life) return true
    const count = generation.slice(separator + 1)
    const readAt = /^\d+$/.test(count) ? Number(count) : Number.NaN
    if (!(readAt <= this.#clears)) return true
    if (readAt === this.#clears) return false
    const fields = markFields(belonging)
    if (fields.length > 0 && readAt < this.#floor) return true
    let isKnown = true
    for (const field of fields) {
      const at = this.#clearedAt.get(field)
      if (at === undefined) isKnown = false
      else if (at > readAt) return true
    }
    return isKnown ? false : 'unknown'
  }
}

/** A read that others of the same tick join, and the marks it asks for. */
interface SharedRead {
  readonly fields: Set<string>
  readonly asked: Promise<Asked>
}

/** A read that is on its way. */
export interface Asked {
  /** One that nobody waits for may fail unheard. */
  readonly marks: Promise<Marks>
}

/** Joined reads ask for no more marks than this. */
const MAX_SHARED_FIELDS = 200

/** Reads and replaces the generations of one store. All of a namespace are one HASH: what is lost is lost together. */
export class Generations {
  readonly #redis: Redis
  readonly #reads = new Map<string, SharedRead>()

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /**
   * Lookups that begin in one tick share one read. It is sent after the last of them began, so that whatever was cleared
   * before any of them is in it. What they read besides is best sent after it: its answer is then the first to come, and
   * none of them waits for the answers to the others. A record written after the read is of a later generation, or of
   * another life, and so never taken for one that was there.
   */
  ask(key: string, ...belongings: readonly Belonging[]): Promise<Asked> {
    const open = this.#reads.get(key)
    const shared = open && open.fields.size < MAX_SHARED_FIELDS ? open : this.#share(key)
    for (const belonging of belongings) addMarkFields(shared.fields, belonging)
    return shared.asked
  }

  #share(key: string): SharedRead {
    const fields = new Set<string>()
    const asked = new Promise<Asked>((resolve) => {
      // After all that is ready to run in this tick, and before the driver writes to its socket.
      process.nextTick(() => {
        if (this.#reads.get(key) === shared) this.#reads.delete(key)
        const marks = this.#read(key, [...fields])
        marks.catch(() => undefined)
        resolve({ marks })
      })
    })
    const shared = { fields, asked }
    this.#reads.set(key, shared)
    return shared
  }

  async #read(key: string, fields: readonly string[]): Promise<Marks> {
    return new Marks(await this.#redis.send(['HMGET', key, ...HEAD, ...fields], { key, readonly: true }), fields)
  }

  /** The marks, of a namespace whose life has begun, renewed. */
  async readToWrite(key: string, belonging: Belonging): Promise<Marks> {
    const fields = markFields(belonging)
    const reply = await runScript(this.#redis, READ_MARKS, key, [String(GENERATION_TTL_MS), ...HEAD, ...fields])
    const marks = new Marks(reply, fields)
    return marks.life === undefined ? this.begin(key) : marks
  }

  /** Begins the life of a namespace that the server knows nothing of, or has lost. */
  async begin(key: string): Promise<Marks> {
    const life = await runScript(this.#redis, BEGIN, key, [newLife(), String(GENERATION_TTL_MS)])
    return new Marks([life], [])
  }

  async clear(key: string, { tenant, tags }: Belonging): Promise<void> {
    const marks = tags === undefined ? markFields({ tenant }) : tags.map((tag) => markOf(tenant, tag))
    await runScript(this.#redis, CLEAR, key, [newLife(), String(GENERATION_TTL_MS), String(MAX_MARKS), ...marks])
  }
}

function newLife(): string {
  return randomBytes(9).toString('base64url')
}

/** All marks that concern an entry of the tenant with the tags. */
function markFields(belonging: Belonging): readonly string[] {
  const fields = new Set<string>()
  addMarkFields(fields, belonging)
  return [...fields]
}

function addMarkFields(fields: Set<string>, { tenant, tags }: Belonging): void {
  if (tenant !== undefined) fields.add(markOf(tenant, undefined))
  if (tags === undefined) return
  for (const tag of tags) {
    fields.add(markOf(undefined, tag))
    if (tenant !== undefined) fields.add(markOf(tenant, tag))
  }
}

/** The mark of a tenant, of a tag, or of a tag within a tenant. */
function markOf(tenant: string | undefined, tag: string | undefined): string {
  if (tag === undefined) return `t:${escapeName(tenant ?? '')}`
  return tenant === undefined ? `x:${escapeName(tag)}` : `p:${escapeName(tenant)}:${escapeName(tag)}`
}
