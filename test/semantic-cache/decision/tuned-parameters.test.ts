import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Candidate } from '../../../src/core/entry.ts'
import { calibrated } from '../../../src/semantic-cache/decision/calibrated.ts'
import { shippedFits } from '../../../src/semantic-cache/decision/fits/index.ts'
import type { CalibratedParameters } from '../../../src/semantic-cache/decision/parameters.ts'
import { digestOf, type TunedParameters } from '../../../src/semantic-cache/decision/tuned-parameters.ts'

const base = shippedFits().at(-1) as CalibratedParameters

/** Reuses all that no guard refuses and is at all similar. */
const parameters: TunedParameters = {
  format: 'reprise-parameters',
  version: 1,
  embedder: { id: 'acme/embed@1', dimensions: 2 },
  languages: ['en'],
  base: { name: base.name, digest: digestOf(base) },
  weights: { intercept: -5, score: 0, similarity: 10 },
  vetoes: ['numbers'],
  curve: [
    [-10, 0.1],
    [10, 0.9],
  ],
  limits: [
    [0.02, 3],
    [0.2, 1],
  ],
  labels: { same: 1, different: 1, digest: '' },
  measured: [],
}

function candidate(queryText: string, similarity: number): Candidate<string> {
  const origin = { provider: 'p', name: 'm', durationMs: 0 }
  const times = { createdAt: 0, expiresAt: 1, staleMs: 0, hits: 0, evidence: { correct: 0, wrong: 0 } }
  return {
    entry: { key: queryText, namespace: 'n', tags: [], scope: 's', value: '', queryText, origin, ...times },
    similarity,
  }
}

function decide(
  given: unknown,
  asked: string,
  stored: string,
  similarity: number,
  embedderId = 'acme/embed@1',
  rate = 0.02,
) {
  const policy = calibrated({ maxFalseHitRate: rate, parameters: given as TunedParameters })
  const { signal } = new AbortController()
  const query = { text: asked, vector: Float32Array.of(1, 0), embedderId }
  return policy.decide(query, [candidate(stored, similarity)], { signal })
}

const pair = ['How do I reset my password?', 'What are the steps to a new password?'] as const

describe('parameters of tune', () => {
  it('judge by the new weights, limits and curve', async () => {
    expect(await decide(parameters, ...pair, 0.9)).toMatchObject({ reuse: { similarity: 0.9 }, probability: 0.66 })
    expect(await decide(parameters, ...pair, 0.7)).toMatchObject({ reason: 'policy-refused' })
    expect(await decide(parameters, ...pair, 0.7, 'acme/embed@1', 0.2)).toMatchObject({ reuse: { similarity: 0.7 } })
  })

  it('say which guards are final', async () => {
    const numbers = ['Give me 3 ideas for lunch', 'Give me 5 ideas for lunch'] as const
    expect(await decide(parameters, ...numbers, 0.95)).toMatchObject({ reason: 'guard-veto' })
    expect(await decide({ ...parameters, vetoes: [] }, ...numbers, 0.95)).toMatchObject({ reuse: {} })
  })

  it('reuse nothing under another embedder, even one whose name begins the same', async () => {
    for (const id of ['acme/embed@2', 'acme/embed@1/int8', 'ACME/EMBED@1']) {
      expect(await decide(parameters, ...pair, 0.99, id)).toMatchObject({
        reason: 'policy-refused',
        findings: [{ guard: 'calibration', verdict: 'differ', asked: id, stored: 'acme/embed@1' }],
      })
    }
  })

  it('leave a language without labels to the shipped fit', async () => {
    const decision = await decide(parameters, '怎么重置密码？', '路由器怎么重置？', 0.99)
    expect(decision).toMatchObject({ reason: expect.any(String) })
    expect(decision.findings).toContainEqual(expect.objectContaining({ guard: 'calibration', verdict: 'unsure' }))
  })

  const { limits: _, ...withoutLimits } = parameters
  it.each([
    ['another format', { ...parameters, format: 'x' }, /format must be 'reprise-parameters', got "x"/],
    ['a version of tomorrow', { ...parameters, version: 2 }, /version must be 1, got 2: another version of Reprise/],
    ['no embedder', { ...parameters, embedder: {} }, /embedder.id is missing/],
    ['a language nobody fitted', { ...parameters, languages: ['fr'] }, /languages must be of 'en' and 'zh'/],
    [
      'another fit below',
      { ...parameters, base: { name: base.name, digest: '0' } },
      /another version of Reprise; run `reprise tune` again/,
    ],
    ['a fit that is gone', { ...parameters, base: { name: 'gone', digest: '0' } }, /run `reprise tune` again/],
    ['weights that are no numbers', { ...parameters, weights: { intercept: null } }, /weights must be finite numbers/],
    ['a weight below zero', { ...parameters, weights: { intercept: 0, score: 1, similarity: -1 } }, /must be ≥ 0/],
    ['a guard nobody knows', { ...parameters, vetoes: ['vibes'] }, /vetoes must be of numbers, dates/],
    [
      'a falling curve',
      {
        ...parameters,
        curve: [
          [0, 0.9],
          [1, 0.1],
        ],
      },
      /curve must be rising/,
    ],
    ['no limits', withoutLimits, /limits must be pairs/],
    [
      'limits that rise',
      {
        ...parameters,
        limits: [
          [0.01, 1],
          [0.02, 2],
        ],
      },
      /limits must be of rising rates .* and falling scores/,
    ],
    [
      'a rate below what its labels show',
      { ...parameters, limits: [[0.05, 1]] },
      /maxFalseHitRate must be at least 0.05 .* got 0.02/,
    ],
    ['a file that is not there', 'nowhere.json', /parameters must be a file that can be read, got nowhere.json/],
    ['nothing', null, /got null/],
  ])('are refused with %s', (_what, given, message) => {
    const make = () => calibrated({ maxFalseHitRate: 0.02, parameters: given as TunedParameters })
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }))
  })

  it('are read from a file, which the message names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reprise-'))
    const path = join(folder, 'policy.json')
    await writeFile(path, JSON.stringify(parameters))
    expect(await decide(path, ...pair, 0.9)).toMatchObject({ reuse: {} })
    await writeFile(path, '{"format"')
    expect(() => calibrated({ parameters: path })).toThrow(`a file of JSON from \`reprise tune\`, got ${path}`)
    await writeFile(path, JSON.stringify({ ...parameters, version: 9 }))
    expect(() => calibrated({ parameters: path })).toThrow(`the parameters in ${path} must be`)
    await rm(folder, { recursive: true })
  })
})
