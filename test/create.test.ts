import { describe, expect, it } from 'vitest'
import {
  answerJudge,
  calibrated,
  createSemanticCache,
  learned,
  type SemanticCacheOptions,
  similarityThreshold,
} from '../src/index.ts'

const startsClosed = () => learned(calibrated({ maxFalseHitRate: 0.05 }), { start: 'closed' })

describe('createSemanticCache', () => {
  it('needs no options', async () => {
    const cache = await createSemanticCache()
    expect(cache.namespace).toBe('default')
    await cache.close()
  })

  it.each<[string, object]>([
    ['options of createSemanticCache must be an object, got an array of 0', []],
    ['option of createSemanticCache must be one of', { ttl: 5 }],
    ['ttlMs must be a number ≥ 1 and finite, got 0', { ttlMs: 0 }],
    ['ttlMs must be a number ≥ 1 and finite, got Infinity', { ttlMs: Number.POSITIVE_INFINITY }],
    ['ttlMs must be a number ≥ 1 and finite, got "1h"', { ttlMs: '1h' }],
    ['slidingTtl must be true or false, got 1', { slidingTtl: 1 }],
    ['ttlJitter must be a number in [0, 1], got 2', { ttlJitter: 2 }],
    ['staleWhileRevalidateMs must be a number ≥ 0 and finite, got -1', { staleWhileRevalidateMs: -1 }],
    ['memory.maxEntries must be an integer in [0, 1000000], got 1.5', { memory: { maxEntries: 1.5 } }],
    ['memory.maxAgeMs must be a number ≥ 0', { memory: { maxAgeMs: Number.NaN } }],
    ['option of memory must be one of maxEntries, maxAgeMs, got "max"', { memory: { max: 5 } }],
    ['maxEntryBytes must be an integer ≥ 1', { maxEntryBytes: 0 }],
    ['maxQueryChars must be an integer ≥ 1', { maxQueryChars: 0 }],
    ['candidates must be an integer in [1, 100], got 101', { candidates: 101 }],
    ['storeDeadlineMs must be a number in [1, 2147483647], got 0', { storeDeadlineMs: 0 }],
    ['embedderDeadlineMs must be a number in', { embedderDeadlineMs: 1e12 }],
    ['verifierDeadlineMs must be a number in', { verifierDeadlineMs: null }],
    ['breaker.failures must be an integer ≥ 1', { breaker: { failures: 0 } }],
    ['maxPendingWrites must be an integer ≥ 1', { maxPendingWrites: 0 }],
    ['maxTenants must be', { maxTenants: 0 }],
    ['namespace must be a non-empty string', { namespace: '' }],
    ['tenant must be a non-empty string', { tenant: '' }],
    ['tenant must be a non-empty string, got 5', { tenant: 5 }],
    ['requireTenant must be true or false', { requireTenant: 'yes' }],
    ['shared must be true or false', { shared: 'yes' }],
    ['storeQueryText must be true or false', { storeQueryText: 0 }],
    ["questionsAboutNow must be 'bypass' or { ttlMs }", { questionsAboutNow: 'allow' }],
    ['questionsAboutNow.ttlMs must be', { questionsAboutNow: {} }],
    ['keySecret must be a string of at least 16 characters, got "5 characters"', { keySecret: 'short' }],
    ['store must be a CacheStore with get', { store: {} }],
    ['store must be a CacheStore with get, got "redis://localhost"', { store: 'redis://localhost' }],
    ['embedder must be an Embedder', { embedder: {} }],
    ["decision must be a DecisionPolicy or 'exact'", { decision: 0.9 }],
    ['on must be a listener or an array of listeners', { on: [5] }],
    ["history must be 'exact' with decision 'exact'", { history: 'semantic', decision: 'exact' }],
    [
      "shadowJudge.errorRate must be lower for a decision that starts 'closed' at a false hit rate of 0.05",
      { decision: startsClosed(), shadowRate: 0.1, shadowJudge: answerJudge(() => true, { errorRate: 0.05 }) },
    ],
    [
      'can never certify it, got "30/100,0/100"',
      {
        decision: startsClosed(),
        shadowRate: 0.1,
        shadowJudge: answerJudge(() => true, {
          errorRate: { falseAlarms: { count: 30, of: 100 }, missed: { count: 0, of: 100 } },
        }),
      },
    ],
    ['now must be a function', { now: 5 }],
    ['random must be a function', { random: 5 }],
    ['recordNearMisses.path must be', { recordNearMisses: {} }],
    [
      'recordNearMisses.path must be a file that can be written',
      { recordNearMisses: { path: '/nonexistent/folder/file' } },
    ],
    ['prices', { prices: { m: { inputUsdPerMillionTokens: -1 } } }],
  ])('%s', async (message, options) => {
    await expect(createSemanticCache(options as SemanticCacheOptions)).rejects.toMatchObject({
      name: 'CacheError',
      code: 'INVALID_OPTION',
      message: expect.stringContaining(message),
    })
  })
})

describe('similarityThreshold', () => {
  it.each([0, -0.1, 1.01, Number.NaN, '0.9', undefined])('refuses %s', (minSimilarity) => {
    expect(() => similarityThreshold({ minSimilarity: minSimilarity as number })).toThrowError(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
