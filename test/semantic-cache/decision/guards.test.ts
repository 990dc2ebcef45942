import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare } from '../../../src/semantic-cache/decision/features.ts'
import { guards } from '../../../src/semantic-cache/decision/guards/index.ts'

const verdict = (name: string, a: string, b: string) =>
  guards.find((guard) => guard.name === name)?.inspect(compare(a, b)).verdict

describe('what guards see as a difference', () => {
  it.each([
    ['numbers', 'convert 100 USD to EUR', 'convert 200 USD to EUR'],
    ['numbers', 'how long does it take to run 5 km', 'how long does it take to run 5 miles'],
    ['numbers', 'a hotel for twenty-five people', 'a hotel for thirty-five people'],
    ['numbers', '十五天内可以退货吗', '五十天内可以退货吗'],
    ['numbers', 'is .5 mg a day safe', 'is 5 mg a day safe'],
    ['numbers', 'is .5mg a day safe', 'is 5mg a day safe'],
    ['numbers', 'is $.99 a good price', 'is $99 a good price'],
    ['dates', 'what was the weather yesterday', 'what was the weather on 2024-05-01'],
    ['dates', 'open on 1 September', 'open on 2 September'],
    ['dates', 'is the shop open on Monday', 'is the shop open on Friday'],
    ['dates', '上周的报告在哪里', '下周的报告在哪里'],
    ['negation', 'foods I can eat with gout', 'foods I can not eat with gout'],
    ['negation', '孕妇能吃螃蟹吗', '孕妇不能吃螃蟹吗'],
    ['opposites', 'turn on dark mode', 'turn off dark mode'],
    ['opposites', 'how to enable two-factor login', 'how to disable two-factor login'],
    ['opposites', '怎么打开深色模式', '怎么关闭深色模式'],
    ['opposites', 'what is hypothermia', 'what is hyperthermia'],
    ['opposites', 'an exothermic reaction', 'an endothermic reaction'],
    ['opposites', 'a course in macroeconomics', 'a course in microeconomics'],
    ['names', 'opening hours of the museum in Paris', 'opening hours of the museum in London'],
    ['names', 'what is the price of SKU AX1001b', 'what is the price of SKU AX1001d'],
    ['roles', 'flights from Boston to Denver', 'flights from Denver to Boston'],
    ['roles', 'Does the senate control the committee?', 'Is the senate controlled by the committee?'],
    ['roles', 'Was Oliver defeated by Hannah in chess?', 'Did Oliver defeat Hannah in chess?'],
    ['roles', 'is python 2 compatible with python 3', 'is python 3 compatible with python 2'],
  ])('%s: %s / %s', (name, a, b) => {
    expect(verdict(name, a, b)).toBe('differ')
    expect(verdict(name, b, a)).toBe('differ')
  })
})

describe('what guards let pass', () => {
  it.each([
    ['numbers', 'two tickets please', '2 tickets please'],
    ['numbers', 'how far is 5 km', 'how far is 5000 m'],
    ['numbers', '十五天内可以退货吗', '15天内可以退货吗'],
    ['numbers', '一斤鸡蛋几个', '500克鸡蛋几个'],
    ['numbers', 'it costs $1,200', 'it costs 1200 dollars'],
    ['numbers', 'is .5 mg a day safe', 'is 0.5 mg a day safe'],
    ['numbers', 'a 9-speed bike', 'a nine-speed bike'],
    ['dates', 'we move on 1 September', 'we move on September 1st'],
    ['dates', 'the meeting is at 3 pm', 'the meeting is at 15:00'],
    ['negation', "I can't log in", 'I cannot log in'],
    ['negation', '快递能让别人代取不', '快递能让别人代取吗'],
    ['negation', '要换不换卡', '要换卡吗'],
    ['roles', 'difference between tea and coffee', 'difference between coffee and tea'],
    ['roles', 'compare python 2 with python 3', 'compare python 3 with python 2'],
  ])('%s: %s / %s', (name, a, b) => {
    expect(verdict(name, a, b)).toBe('agree')
  })
})

describe('roles', () => {
  it.each([
    ['is Amy married to Jennifer', 'is Jennifer married to Amy'],
    ['is oslo close to bergen', 'is bergen close to oslo'],
    ['does aspirin interact with ibuprofen', 'does ibuprofen interact with aspirin'],
  ])('may be turned round where the relation is mutual: %s / %s', (a, b) => {
    expect(verdict('roles', a, b)).not.toBe('differ')
  })
})

describe('roles in a passive', () => {
  it.each([
    ['Does the senate control the committee?', 'Is the committee controlled by the senate?'],
    ['Which novels were written by Tolstoy?', 'novels written Tolstoy'],
    ['Which animals were domesticated by humans first?', 'Which animals did humans domesticate first?'],
    ['What is the distance covered by light in a year?', 'What distance does light cover in a year?'],
    ['Is Chile bordered by Peru?', 'Does Chile border Peru?'],
  ])('may be the same thing said: %s / %s', (a, b) => {
    expect(verdict('roles', a, b)).not.toBe('differ')
    expect(verdict('roles', b, a)).not.toBe('differ')
  })
})

describe('every guard', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }))

  it('takes any two texts', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        for (const guard of guards) {
          expect(['agree', 'differ', 'unsure']).toContain(guard.inspect(compare(a, b)).verdict)
        }
      }),
    )
  })

  it('sees nothing in a text beside itself', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const guard of guards) expect(guard.inspect(compare(text, text)).verdict).toBe('agree')
      }),
    )
  })

  it('takes empty texts', () => {
    for (const guard of guards) {
      expect(guard.inspect(compare('', '')).verdict).toBe('agree')
      expect(() => guard.inspect(compare('', 'what is 5 % of 20?'))).not.toThrow()
    }
  })
})
