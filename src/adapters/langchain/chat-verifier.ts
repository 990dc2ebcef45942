import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { type AIMessage, HumanMessage, SystemMessage } from '@langchain/core/messages'
import { invalidOption, knownOptions, numberOption } from '../../core/options.ts'
import type { Usage } from '../../core/response.ts'
import type { Verdict, VerdictOverhead, Verifier } from '../../core/verifier.ts'
import { instructsJudge } from './judge-instructions.ts'
import { modelIdentity } from './model-identity.ts'
import { PROMPT_VERSION, verifierPrompt } from './verifier-prompt.ts'

export interface ChatVerifierOptions {
  /**
   * Share of wrong among its "same" verdicts, as you measured it, in [0, 0.5]. Default 0: its word is taken, and the false
   * hit rate of what it lets through is the model's own.
   */
  readonly errorRate?: number
  /** Longer questions are refused rather than cut, because they may differ in what would be cut; ≥ 1. Default 2 000. */
  readonly maxChars?: number
}

/**
 * Lets a chat model judge whether the answer to one question may be given to another. Costs one short call a candidate
 * that is in doubt, which the ledger counts as overhead; LangGraph does not stream it as a message.
 *
 * A question cannot talk the model into a verdict with the usual means: see docs/judge.md for what is done, and tested.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * verified(calibrated(), { verifier: chatVerifier(new ChatOpenAI({ model: 'gpt-4o-mini', temperature: 0 })) })
 */
export function chatVerifier(model: BaseChatModel, options: ChatVerifierOptions = {}): Verifier {
  if (typeof model !== 'object' || model === null || typeof model.invoke !== 'function') {
    throw invalidOption('model of chatVerifier', 'a LangChain chat model', model)
  }
  knownOptions('chatVerifier', options, ['errorRate', 'maxChars'])
  const errorRate = numberOption('errorRate', options.errorRate, { min: 0, max: 0.5, default: 0 })
  const maxChars = numberOption('maxChars', options.maxChars, { min: 1, integer: true, default: 2_000 })
  const { provider, model: name, baseUrl } = identityOf(model)

  return {
    name: `chatVerifier(${name})/${PROMPT_VERSION}`,
    async verify(asked, stored, { signal }) {
      if (asked.length > maxChars || stored.length > maxChars) return refusal('too-long')
      if (instructsJudge(asked, stored)) return refusal('instructions-in-text')
      const prompt = verifierPrompt(asked, stored)
      const reply = await model.invoke([new SystemMessage(prompt.system), new HumanMessage(prompt.user)], {
        signal,
        runName: 'reprise verifier',
        tags: ['langsmith:nostream', 'nostream'],
        // The words of the answer are new each time, so a cached model would only store what nobody asks again.
        configurable: { reprise: { mode: 'bypass' } },
      })
      const overhead: VerdictOverhead = {
        ...usageOf(reply as AIMessage),
        billedAs: { provider, name, ...(baseUrl !== undefined && { baseUrl }) },
      }
      const verdict = prompt.read(textOf(reply))
      if (!verdict) return { detail: 'the model must reply with one of the three words and nothing else', overhead }
      if (verdict === 'same') return { probability: 1 - errorRate, overhead }
      // In doubt it is asked for a reason to reuse, and there is none.
      return { probability: 0, ...(verdict === 'unsure' && { kind: 'unsure' }), overhead }
    },
  }
}

function refusal(kind: string): Verdict {
  return { probability: 0, kind, overhead: { usd: 0, tokens: 0 } }
}

export function identityOf(model: BaseChatModel): { provider: string; model: string; baseUrl?: string } {
  try {
    return modelIdentity(model, {})
  } catch {
    // A model that cannot describe itself has no price either.
    return { provider: 'unknown', model: 'unknown' }
  }
}

export function usageOf({ usage_metadata: reported }: AIMessage): { readonly tokens: number; readonly usage?: Usage } {
  if (!reported) return { tokens: 0 }
  const { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: totalTokens } = reported
  const cachedInputTokens = reported.input_token_details?.cache_read
  const usage = {
    inputTokens,
    outputTokens,
    totalTokens,
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
  }
  return { tokens: totalTokens, usage }
}

/** What the model says; its reasoning is no part of the reply. */
export function textOf({ content }: { readonly content: unknown }): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((block) => (block?.type === 'text' && typeof block.text === 'string' ? block.text : '')).join('')
}
