import { type Redis, redisCode } from './connection.ts'
import type { Belonging } from './generations.ts'
import { escapeName, type KeyNames, unescapeName } from './key-names.ts'
import { REMOVE, runScript } from './scripts.ts'

/** Keys per step: large enough to be quick, small enough that others on the server do not notice. */
const BATCH = 500

export interface SweepAbout extends Belonging {
  readonly redis: Redis
  readonly names: KeyNames
  readonly namespace: string
  readonly now: number
}

/** Removes what was cleared and counts what of it was alive. It is out of sight already: see `Generations`. */
export async function sweep(about: SweepAbout): Promise<number> {
  const { tags } = about
  if (tags === undefined) return sweepAll(about)
  let count = 0
  for (const tag of tags) count += await sweepTag(about, tag)
  return count
}

/** Removes entries by name; see the script REMOVE for what comes back of each. */
export async function removeEntries(about: SweepAbout, keys: readonly string[]): Promise<readonly number[]> {
  const { redis, names, namespace, now, tenant, tags = [] } = about
  const args = [String(now), tenant === undefined ? '' : `=${escapeName(tenant)}`, ...tags.map(escapeName)]
  return Promise.all(
    keys.map(async (key) => {
      const removed = Number(await runScript(redis, REMOVE, names.entry(namespace, key), args))
      if (removed === 1) await unlink(redis, names.hits(namespace, key))
      return removed
    }),
  )
}

export async function unlink(redis: Redis, key: string): Promise<void> {
  await redis.send(['UNLINK', key], { key })
}

async function sweepTag(about: SweepAbout, tag: string): Promise<number> {
  const { redis, names, namespace, tenant } = about
  const list = names.tag(namespace, tag)
  let count = 0
  for (let left = 0; ; ) {
    const reply = await redis.send(['ZRANGE', list, String(left), String(left + BATCH - 1)], { key: list })
    const members = Array.isArray(reply) ? reply.map(String) : []
    if (members.length === 0) return count
    // Off the list first: an entry that is written anew meanwhile then comes back to it.
    if (tenant === undefined) await redis.send(['ZREM', list, ...members], { key: list })
    const removed = await removeEntries({ ...about, tags: [tag] }, members.map(unescapeName))
    count += removed.filter((how) => how === 1).length
    if (tenant === undefined) continue
    const gone = members.filter((_, i) => removed[i] !== -1)
    if (gone.length > 0) await redis.send(['ZREM', list, ...gone], { key: list })
    left += members.length - gone.length
  }
}

/** Through the whole keyspace, in steps: complete whatever became of index and lists, which matters for deletion. */
async function sweepAll(about: SweepAbout): Promise<number> {
  const { redis, names, namespace, tenant } = about
  const entries = names.entries(namespace)
  const begin = tenant === undefined ? names.all(namespace) : entries
  let count = 0
  for (const send of await redis.nodes()) {
    let cursor = '0'
    do {
      const reply = await send(['SCAN', cursor, 'MATCH', `${begin}*`, 'COUNT', String(2 * BATCH)])
      const [next, found] = Array.isArray(reply) ? reply : ['0', []]
      cursor = String(next)
      const keys = (found as unknown[]).map(String)
      const own = keys.filter((key) => key.startsWith(entries)).map((key) => unescapeName(key.slice(entries.length)))
      count += (await removeEntries(about, own)).filter((how) => how === 1).length
      const beside = keys.filter((key) => !key.startsWith(entries) && key !== names.generation(namespace))
      await Promise.all(beside.map((key) => unlink(redis, key)))
    } while (cursor !== '0')
  }
  return count
}

/** A value of another type lies under our name. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Error && redisCode(error.cause) === 'WRONGTYPE'
}
