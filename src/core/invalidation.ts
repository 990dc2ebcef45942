import { checkTags, checkTenant } from './controls.ts'
import { invalidOption, knownOptions, stringOption } from './options.ts'

/** What both caches let their users remove; fields combine with AND, within `keys` and `tags` any of them. */
interface Filter {
  readonly keys?: readonly string[]
  readonly tags?: readonly string[]
  readonly tenant?: string
  readonly namespace?: string
}

/** The part of a store that removing needs. */
interface Removable {
  get(
    key: string,
    about: { readonly namespace: string },
  ): Promise<{ readonly entry?: { readonly key: string; readonly tenant?: string; readonly tags: readonly string[] } }>
  delete(keys: readonly string[], about: { readonly namespace: string }): Promise<number>
  clear(filter: {
    readonly namespace: string
    readonly tenant?: string
    readonly tags?: readonly string[]
  }): Promise<number>
}

/**
 * @throws CacheError INVALID_OPTION for an empty filter, which would otherwise mean "everything", and for wrong fields
 */
export function checkFilter(filter: Filter): void {
  knownOptions('invalidate', filter, ['keys', 'tags', 'tenant', 'namespace'])
  const { keys, tags, tenant, namespace } = filter
  if (keys === undefined && tags === undefined && tenant === undefined && namespace === undefined) {
    throw invalidOption('the filter of invalidate', 'given at least one of keys, tags, tenant, namespace', filter)
  }
  if (keys !== undefined && (!Array.isArray(keys) || keys.some((key) => typeof key !== 'string' || key === ''))) {
    throw invalidOption('keys', 'an array of non-empty strings', keys)
  }
  if (tags !== undefined) checkTags(tags)
  if (tenant !== undefined) checkTenant(tenant)
  stringOption('namespace', namespace, '')
}

/** Removes what matches all the given fields of the filter; rejects when the store cannot. */
export async function removeMatching(
  store: Removable,
  namespace: string,
  { keys, tags, tenant }: Filter,
): Promise<number> {
  if (!keys) {
    // An empty list of tags matches nothing; as a missing one it would match everything.
    if (tags?.length === 0) return 0
    return store.clear({ namespace, ...(tenant !== undefined && { tenant }), ...(tags && { tags }) })
  }
  if (tags === undefined && tenant === undefined) return keys.length === 0 ? 0 : store.delete(keys, { namespace })
  const reads = await Promise.all(keys.map((key) => store.get(key, { namespace })))
  const matching = reads.flatMap(({ entry }) => {
    if (!entry || (tenant !== undefined && entry.tenant !== tenant)) return []
    return tags === undefined || tags.some((tag) => entry.tags.includes(tag)) ? [entry.key] : []
  })
  return matching.length === 0 ? 0 : store.delete(matching, { namespace })
}
