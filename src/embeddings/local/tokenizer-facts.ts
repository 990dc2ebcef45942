import { field, isRecord } from '../wire.ts'

/** What the tokenizer's file says that the libraries do not act upon. */
export interface TokenizerFacts {
  /**
   * The vocabulary has no capital letters, so that words with capitals would be unknown to the model. Some exported
   * tokenizers of uncased models have lost their lower-casing.
   */
  readonly isUncased: boolean
  /** Id of the token that stands for what the model does not know; undefined for byte-level vocabularies. */
  readonly unknownId: number | undefined
}

export function tokenizerFacts(tokenizer: Readonly<Record<string, unknown>>): TokenizerFacts {
  const model = field(tokenizer, 'model')
  const added = new Set(asList(field(tokenizer, 'added_tokens')).map((token) => field(token, 'content')))
  const vocabulary = field(model, 'vocab')
  // WordPiece and BPE keep a record of ids, Unigram a list of [token, score].
  const entries: (readonly [string, number])[] = isRecord(vocabulary)
    ? (Object.entries(vocabulary) as [string, number][])
    : asList(vocabulary).map((pair, id) => [String(asList(pair)[0]), id] as const)
  const unknown = field(model, 'unk_token')
  const id = field(model, 'unk_id') ?? entries.find(([token]) => token === unknown)?.[1]
  return {
    // [unused1] and [CLS] may be listed as words too.
    isUncased: !entries.some(([token]) => /[A-Z]/.test(token) && !added.has(token) && !/^(\[.*\]|<.*>)$/.test(token)),
    unknownId: typeof id === 'number' ? id : undefined,
  }
}

/** The tokens a model takes, from whatever its files say: the least of them. */
export function tokenLimit(
  config: Readonly<Record<string, unknown>>,
  tokenizerConfig: Readonly<Record<string, unknown>>,
  sentenceConfig: Readonly<Record<string, unknown>>,
): number {
  const positions = config.max_position_embeddings
  // RoBERTa and its kin count positions from padding's id + 1.
  const offset = /roberta|camembert|mpnet/.test(String(config.model_type)) ? 2 : 0
  const limits = [
    typeof positions === 'number' ? positions - offset : undefined,
    tokenizerConfig.model_max_length,
    sentenceConfig.max_seq_length,
  ].filter((limit): limit is number => typeof limit === 'number' && limit >= 8 && limit < 1e6)
  return limits.length > 0 ? Math.min(...limits) : 512
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
