import { type Dictionary, lz4Dictionary } from './lz4-block.ts'

/**
 * What records are full of before they begin: the names of their fields, and words and phrases of answers, rarest first
 * because what is near is found first. Part of the format: a change is a new version of the payload.
 */
const TEXT = [
  'professional conversation individual responsibility particularly understanding characteristics significantly',
  ' although whether throughout themselves government experience everything interesting technology relationship',
  ' additional temperature traditional environment organization opportunity performance environmental communication',
  ' application configuration implementation documentation authentication installation requirements recommended',
  ' command version default existing response request parameters function variable database password customer service',
  ' account payment delivery shipping order number address support contact product products company business market',
  ' the first the second the third one of the most of the year years time times day days week month hours minutes',
  ' people person world work working works life health water food high low large small long short new old good better',
  ' best great important different same another each every several many most some more less than then when where which',
  ' who what why how there here these those they them their with without within between through during before after',
  ' because however therefore example including include includes included available possible usually often always never',
  ' should would could might must will can cannot need needs make makes made making take takes use uses used using',
  ' get gets give given going know known find found look looking change changes changed called based following example',
  ' information process system systems method methods level data value values number result results problem solution',
  ' provide provides provided allow allows require requires required help helps start end create created set settings',
  ' such as as well as in addition to in order to due to according to depending on the number of a number of a variety of',
  ' For example, However, In addition, Additionally, Finally, First, Second, Then, Here are some Here is Sure! Yes, No, ',
  ' You can I can It is This is There are If you have any questions If you want to Please Make sure that Note that ',
  '\\n\\n### \\n\\n## \\n\\n1. **\\n2. **\\n3. **\\n4. **\\n5. **\\n\\n- **\\n- **:** **: \\n   - \\n- `\\n```\\n\\n```python\\n```bash\\n```javascript\\n',
  ' const function return import from async await class public string number true false null https://www.http://',
  'What is the How do I How can I Can you What are the Who is Why does When was Where is Tell me about Explain Write a ',
  ' of the in the to the for the on the and the with the from the by the at the that the is the to be is a of a in a ',
  ' that this with from have has had was were been being are not but also into over your you can you are it is its ',
  '[17],null,null,"FLOAT16","FLOAT32",0,0,{"provider":"anthropic","name":"claude-{"provider":"tool","name":"',
  '"durationMs":,"ttlMs":86400000},"costUsd":,"cachedInputTokens":0,"reasoning":"gemini-gpt-4.1-mini-2025-gpt-4o-2024-',
  '{"provider":"openai","name":"gpt-4o-mini","usage":{"inputTokens":,"outputTokens":,"totalTokens":},"durationMs":',
  '"},"finishReason":"tool-calls","toolCalls":[{"type":"toolCall","id":"call_","name":"arguments":{"',
  '"structured":{"metadata":{"id":"chatcmpl-","model":"system_fingerprint":"fp_"alternatives":[{"',
  '"}],"toolCalls":[],"finishReason":"stop","usage":{"inputTokens":,"outputTokens":,"totalTokens":}}',
  'j{"content":[{"type":"text","text":"',
].join('')

let dictionary: Dictionary | undefined

/** Made on first use. */
export function payloadDictionary(): Dictionary {
  dictionary ??= lz4Dictionary(Buffer.from(TEXT, 'latin1'))
  return dictionary
}
