import { calcPrice, findProvider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPriceOf } from '../../src/metrics/prices.ts'
import { NOON } from './events.ts'

const usage = { inputTokens: 1_000_000, outputTokens: 1_000_000, totalTokens: 2_000_000 }
const inputOnly = { inputTokens: 1_000_000, outputTokens: 0, totalTokens: 1_000_000 }

describe('prices', () => {
  const priceOf = createPriceOf()

  it('knows the list price of a model and of its dated versions', () => {
    expect(priceOf({ provider: 'openai', name: 'gpt-4o-mini', usage, at: NOON })).toBeCloseTo(0.75, 10)
    expect(priceOf({ provider: 'openai', name: 'gpt-4o-mini-2024-07-18', usage, at: NOON })).toBeCloseTo(0.75, 10)
  })

  it('prices input that the provider cached at its own rate', () => {
    const cached = { ...inputOnly, cachedInputTokens: 400_000 }
    expect(priceOf({ provider: 'openai', name: 'gpt-4o-mini', usage: cached, at: NOON })).toBeCloseTo(
      0.6 * 0.15 + 0.4 * 0.075,
      10,
    )
  })

  it('takes no more cached tokens than there is input', () => {
    const cached = { ...inputOnly, cachedInputTokens: 9_000_000 }
    expect(priceOf({ provider: 'openai', name: 'gpt-4o-mini', usage: cached, at: NOON })).toBeCloseTo(0.075, 10)
  })

  it.each([
    ['openai', 'text-embedding-3-small', 0.02],
    ['cohere', 'embed-v4.0', 0.12],
    ['google', 'gemini-embedding-001', 0.15],
  ])('prices the embedding model of %s, %s', (provider, name, usd) => {
    expect(priceOf({ provider, name, usage: inputOnly, at: NOON })).toBeCloseTo(usd, 10)
  })

  it.each([
    ['azure-openai', 'gpt-4o-mini'],
    ['azure_openai', 'gpt-4o-mini'],
    ['openai.chat', 'gpt-4o-mini'],
    ['google_genai', 'gemini-2.5-flash'],
    ['google.generative-ai', 'models/gemini-2.5-flash'],
    ['google_vertexai', 'gemini-2.5-flash'],
    ['amazon_bedrock', 'anthropic.claude-3-haiku-20240307-v1:0'],
    ['mistralai', 'mistral-small-latest'],
    ['xai', 'grok-3'],
    ['anthropic.messages', 'claude-sonnet-4-5'],
  ])('understands the name %s for the provider of %s', (provider, name) => {
    expect(priceOf({ provider, name, usage, at: NOON })).toBeGreaterThan(0)
  })

  it('follows the base URL where it names a provider, because one client serves many of them', () => {
    const direct = priceOf({ provider: 'deepseek', name: 'deepseek-chat', usage, at: NOON })
    const compatible = { provider: 'openai', name: 'deepseek-chat', usage, at: NOON }
    expect(priceOf({ ...compatible, baseUrl: 'https://api.deepseek.com/v1' })).toBe(direct)
    expect(priceOf(compatible)).toBeUndefined()
  })

  it.each([
    ['a local server', { provider: 'ollama', name: 'llama3' }],
    ['a local server of a model with a public price', { provider: 'ollama', name: 'gpt-4o-mini' }],
    ['a provider whose name only contains another', { provider: 'my-openai-like-server', name: 'gpt-4o-mini' }],
    ['an unknown model', { provider: 'openai', name: 'unheard-of' }],
    ['a tool', { provider: 'tool', name: 'weather' }],
    ['a name from Object.prototype', { provider: 'constructor', name: '__proto__' }],
    ['an empty name', { provider: 'openai', name: '' }],
  ])('says unknown, never 0, for %s', (_what, call) => {
    expect(priceOf({ ...call, usage, at: NOON })).toBeUndefined()
  })

  it.each([
    undefined,
    { inputTokens: Number.NaN, outputTokens: 1, totalTokens: 1 },
    { inputTokens: -1, outputTokens: 1, totalTokens: 0 },
    { inputTokens: 1, outputTokens: Number.POSITIVE_INFINITY, totalTokens: 1 },
    { inputTokens: 1, outputTokens: 1, totalTokens: 1, cachedInputTokens: Number.NaN },
  ])('says unknown for the usage %o', (broken) => {
    expect(priceOf({ provider: 'openai', name: 'gpt-4o-mini', usage: broken, at: NOON })).toBeUndefined()
  })

  it('follows prices that differ by the time of day', () => {
    const at = (hour: number) =>
      priceOf({ provider: 'deepseek', name: 'deepseek-chat', usage, at: Date.UTC(2026, 10, 26, hour) })
    expect(at(20)).toBeLessThan(at(12) as number)
    expect(at(12)).toBe(at(13))
  })

  it('agrees with the catalogue over all its models of nine providers', () => {
    const models = [
      'openai',
      'anthropic',
      'google',
      'azure',
      'aws',
      'cohere',
      'mistral',
      'perplexity',
      'deepseek',
    ].flatMap((provider) =>
      (findProvider({ providerId: provider })?.models ?? []).map(({ id }) => ({ provider, name: id })),
    )
    expect(models.length).toBeGreaterThan(200)
    const token = fc.integer({ min: 0, max: 500_000 })
    let priced = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        token,
        token,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (model, input, output, share) => {
          const cached = Math.floor(input * share)
          const call = {
            inputTokens: input,
            outputTokens: output,
            totalTokens: input + output,
            cachedInputTokens: cached,
          }
          const ours = priceOf({ ...model, usage: call, at: NOON })
          if (ours === undefined) return
          priced++
          const theirs = calcPrice(
            { input_tokens: input, output_tokens: output, cache_read_tokens: cached },
            model.name,
            { providerId: model.provider, timestamp: new Date(NOON) },
          )
          expect(ours).toBeCloseTo(theirs?.total_price ?? Number.NaN, 9)
        },
      ),
      { numRuns: 1_000 },
    )
    expect(priced).toBeGreaterThan(700)
  })
})

describe('price overrides', () => {
  it('go before the catalogue, and by provider before by model alone', () => {
    const priceOf = createPriceOf({
      'gpt-4o-mini': { inputUsdPerMillionTokens: 1, outputUsdPerMillionTokens: 2 },
      'azure/gpt-4o-mini': {
        inputUsdPerMillionTokens: 10,
        outputUsdPerMillionTokens: 20,
        cachedInputUsdPerMillionTokens: 5,
      },
      llama3: { inputUsdPerMillionTokens: 0, outputUsdPerMillionTokens: 0 },
    })
    expect(priceOf({ provider: 'openai', name: 'gpt-4o-mini', usage, at: NOON })).toBe(3)
    expect(priceOf({ provider: 'azure', name: 'gpt-4o-mini', usage, at: NOON })).toBe(30)
    expect(
      priceOf({
        provider: 'azure',
        name: 'gpt-4o-mini',
        usage: { ...inputOnly, cachedInputTokens: 500_000 },
        at: NOON,
      }),
    ).toBe(7.5)
    expect(priceOf({ provider: 'ollama', name: 'llama3', usage, at: NOON })).toBe(0)
  })

  it('leave output unpriced where they have no price for it', () => {
    const priceOf = createPriceOf({ embed: { inputUsdPerMillionTokens: 1 } })
    expect(priceOf({ provider: 'x', name: 'embed', usage: inputOnly, at: NOON })).toBe(1)
    expect(priceOf({ provider: 'x', name: 'embed', usage, at: NOON })).toBeUndefined()
  })

  it.each([
    [[], 'prices must be an object of prices by model, got an array of 0'],
    [{ a: 1 }, 'options of prices["a"] must be an object, got 1'],
    [{ a: {} }, 'inputUsdPerMillionTokens of prices["a"] must be a number ≥ 0 and finite, got undefined'],
    [
      { a: { inputUsdPerMillionTokens: -1 } },
      'inputUsdPerMillionTokens of prices["a"] must be a number ≥ 0 and finite, got -1',
    ],
    [
      { a: { inputUsdPerMillionTokens: 1, outputUsdPerMillionTokens: '2' } },
      'outputUsdPerMillionTokens of prices["a"] must be',
    ],
    [{ a: { inputUsdPerMillionTokens: 1, output: 2 } }, 'option of prices["a"] must be one of'],
  ])('refuse %j', (prices, message) => {
    expect(() => createPriceOf(prices as never)).toThrow(message)
  })
})
