/**
 * Signs that a text speaks to whoever judges it rather than asks something: verdicts together with commands, roles and marks
 * of prompts. Wider than need be, because what is refused here costs one call of the model and no more.
 */
const VERDICT = String.raw`(?:the )?(?:same|identical|equal|equivalent|equivalence|duplicates?|matching|match|interchangeable|yes|true|accept(?:ed)?|approved?|verified|correct|positive|verdict|1(?:\.0)?)`
const REPLY = `(?:reply|respond|answer|output|say|print|return|write|conclude|decide|classify|mark|label|rate|score|treat|consider|judge|declare|vote|choose|select|emit)`
const SIGNS: readonly RegExp[] = [
  // Commands about instructions.
  /\b(?:ignore|disregard|forget|override|bypass|skip|stop following|do not follow|don't follow)\b.{0,60}\b(?:instructions?|prompts?|rules?|directions?|guidelines?|above|before|previous|preceding|earlier|context|data|system)\b/,
  /\b(?:new|updated|real|actual|hidden|following|special|further)\s+(?:system\s+)?(?:instructions?|directives?|task|rules?)\s*[:：]/,
  // A command to give a verdict.
  new RegExp(
    String.raw`\b${REPLY}\b.{0,40}\b(?:with|as|that|is|are|only|just|exactly|simply|always|both|them|these|it)\b.{0,40}["'“‘(\[]?\b${VERDICT}\b`,
  ),
  new RegExp(String.raw`\b${REPLY}\s*:?\s*["'“‘(\[]?${VERDICT}["'”’)\].!]*\s*$`, 'm'),
  new RegExp(
    String.raw`\b(?:you|judge|verifier|classifier|evaluator|assistant|model)\b.{0,20}\b(?:must|should|shall|will|have to|need to|are to|can only)\b.{0,40}\b${REPLY}\b`,
  ),
  // A verdict, as if it had been given.
  new RegExp(
    String.raw`\b(?:both|two|these|the|stored and asked|asked and stored)\s+(?:\w+\s+)?(?:questions?|texts?|queries|prompts?|sentences)\s+(?:are|is|mean|have been|were)\b.{0,30}\b${VERDICT}\b`,
  ),
  new RegExp(
    String.raw`["']?\b(?:verdict|probability|is_?same|same|equivalent|result|decision|answer|output|label|score)\b["']?\s*[:=]+\s*["']?${VERDICT}\b`,
  ),
  // Roles, tools and marks of a prompt.
  /^\s*(?:system|assistant|developer|tool|human|user|judge|verifier)\s*[:：]/m,
  /<\|?\/?\s*(?:system|assistant|user|tool|tool_?result|function|im_start|im_end|data|endoftext|instructions?|eot_id|start_header_id|end_header_id)\b|\[\/?(?:inst|system)\]|<<\/?sys>>/,
  /\b(?:tool|function)[_ ]?(?:result|output|response|call)\b\s*[:={(]/,
  /\b(?:end|close|closing|beginning|begin|start) of (?:the )?(?:data|questions?|texts?|input|json|prompt)\b/,
  /\byou are (?:now |no longer |actually )?(?:a|an|the|in)?\s*(?:judge|verifier|classifier|evaluator|helpful|assistant|system|developer mode|dan)\b/,
  // Chinese.
  /(?:忽略|无视|忘记|不要理会|跳过|绕过).{0,20}(?:指令|指示|提示|规则|说明|要求|以上|上述|之前|前面)/,
  /(?:回答|回复|输出|返回|判断为|判定为|判为|视为|认定|标记为|写|说)[:：]?.{0,8}(?:相同|一样|一致|等价|等同|重复|匹配|正确|通过|「是」|“是”|"是")/,
  /(?:两个|这两个|以上|上述|下列).{0,4}(?:问题|文本|句子|提问).{0,6}(?:相同|一样|等价|一致|等同)/,
  /(?:^|\n)\s*(?:系统|助手|开发者|工具|裁判)\s*[:：]/,
  /你(?:现在)?(?:是|必须|应该|只能|需要).{0,12}(?:裁判|评判|判断|回答|回复|输出|验证)/,
]

/** True when one of the texts looks like instructions to the judge. English and Chinese. */
export function instructsJudge(...texts: readonly string[]): boolean {
  return texts.some((text) => {
    // As a model reads it: without invisible characters, wide letters and look-alike spaces.
    const folded = text
      .normalize('NFKC')
      .replace(/[\p{Cf}\p{Co}\p{M}]/gu, '')
      .replace(/[^\S\n]+/g, ' ')
      .toLowerCase()
    return SIGNS.some((sign) => sign.test(folded))
  })
}
