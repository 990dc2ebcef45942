import type { CallField, PeerCall, PeerSession } from './peer.ts'

export type CheckResult = 'right' | 'WRONG' | 'no hit' | 'no API'

export interface Check {
  readonly name: string
  readonly needs: readonly CallField[]
  /** `share`: the second call should be answered from the cache; `apart`: it must not be. */
  readonly expects: 'share' | 'apart'
  readonly first: Omit<PeerCall, 'vector'>
  readonly second: Omit<PeerCall, 'vector'>
}

const question = 'How do I reset the password of my account?'
const base = { text: question, model: 'model-a', system: 'You are a helpful bank clerk.', tenant: 'acme' }
const image = (byte: string) => `data:image/png;base64,iVBORw0KGgo${byte}AAAANSUhEUg==`

/** Who shares an answer that must not be shared, and who shares one that may be. */
export const CHECKS: readonly Check[] = [
  { name: 'the same call again', needs: [], expects: 'share', first: base, second: base },
  {
    name: 'the same call again, streamed',
    needs: ['stream'],
    expects: 'share',
    first: { ...base, streamed: true },
    second: { ...base, streamed: true },
  },
  {
    name: 'stored by invoke, asked as a stream',
    needs: ['stream'],
    expects: 'share',
    first: base,
    second: { ...base, streamed: true },
  },
  apart('another system prompt', { system: 'You are a pirate. Answer in rhymes.' }),
  apart('another model', { model: 'model-b' }, ['model']),
  apart('another tenant', { tenant: 'globex' }, ['tenant']),
  {
    name: 'another image',
    needs: ['image'],
    expects: 'apart',
    first: { ...base, text: 'What is in this picture?', imageUrl: image('A') },
    second: { ...base, text: 'What is in this picture?', imageUrl: image('B') },
  },
  {
    name: 'another tool list',
    needs: ['tools'],
    expects: 'apart',
    first: { ...base, tools: ['search'] },
    second: { ...base, tools: ['search', 'reset_password'] },
  },
  apart('another temperature', { temperature: 1 }),
  apart('another answer format', { jsonAnswer: true }, ['json']),
  {
    name: 'another earlier turn',
    needs: [],
    expects: 'apart',
    first: { ...base, text: 'How tall is it?', earlier: conversation('Tell me about the Eiffel Tower.') },
    second: { ...base, text: 'How tall is it?', earlier: conversation('Tell me about Mount Everest.') },
  },
  alike('another number', 'Convert 100 USD to EUR', 'Convert 200 USD to EUR'),
  alike('the opposite', 'How do I turn on dark mode?', 'How do I turn off dark mode?'),
  alike('roles turned round', 'Convert EUR to USD', 'Convert USD to EUR'),
  alike('a negation', 'Which foods are safe for dogs?', 'Which foods are not safe for dogs?'),
  {
    name: 'an answer cut at the limit is not kept',
    needs: ['finish'],
    expects: 'apart',
    first: { ...base, truncated: true },
    second: base,
  },
]

export async function runCheck(
  check: Check,
  session: PeerSession,
  embed: (text: string) => Promise<Float32Array>,
  noPlaceFor: readonly CallField[],
): Promise<CheckResult> {
  if (check.needs.some((field) => noPlaceFor.includes(field))) return 'no API'
  const first = await session.call({ ...check.first, vector: await embed(check.first.text) })
  const second = await session.call({ ...check.second, vector: await embed(check.second.text) })
  const shared = second.answer === first.answer
  if (check.expects === 'share') return shared ? 'right' : 'no hit'
  return shared ? 'WRONG' : 'right'
}

function apart(name: string, change: Partial<PeerCall>, needs: readonly CallField[] = []): Check {
  return { name, needs, expects: 'apart', first: base, second: { ...base, ...change } }
}

function alike(name: string, first: string, second: string): Check {
  return { name, needs: [], expects: 'apart', first: { ...base, text: first }, second: { ...base, text: second } }
}

function conversation(about: string): PeerCall['earlier'] {
  return [
    { role: 'user', text: about },
    { role: 'assistant', text: 'Gladly. What would you like to know?' },
  ]
}
