import { describe, expect, it } from 'vitest'
import { analyse } from '../../../src/semantic-cache/decision/text/analysis.ts'
import { questionCore } from '../../../src/semantic-cache/decision/text/question-core.ts'

const core = (text: string) => questionCore(analyse(text))

describe('questionCore', () => {
  it.each([
    ['How can I reset my password?', 'how do I reset my password'],
    ['Hi there, how do I reset my password? Thanks!', 'How to reset my password'],
    ['Could you please tell me what is the capital of Peru?', "what's the capital of Peru"],
    ['tell me how I can reset my password please', 'how to reset my password'],
    ['\u8bf7\u95ee\u5982\u4f55\u91cd\u7f6e\u5bc6\u7801\uff1f', '\u600e\u4e48\u91cd\u7f6e\u5bc6\u7801'],
    ['Hey, what is up with my invoice?!', 'what is up with my invoice ?'],
    ['please reset my password', 'reset my password, please'],
    ['\u600e\u4e48\u91cd\u7f6e\u5bc6\u7801\u5462\uff0c\u8c22\u8c22\u554a', '\u600e\u4e48\u91cd\u7f6e\u5bc6\u7801'],
    ['\u4e3a\u5565\u5929\u662f\u84dd\u7684\u5440', '\u4e3a\u4ec0\u4e48\u5929\u662f\u84dd\u7684?'],
  ])('is the same for %s / %s', (a, b) => {
    expect(core(a)).toBe(core(b))
  })

  it.each([
    ['how do I reset my password', 'how should I reset my password'],
    ['how do I work', 'how do you work'],
    ['how do I add 5', 'how do I add -5'],
    ['what does "A" mean', 'what does "a" mean'],
    ['can I reset my password', 'how can I reset my password'],
    ['tell me a joke', 'a joke'],
    ['how do I say thank you', 'how do I say please'],
    ['Hello world', 'world'],
    ['Hey Jude lyrics', 'Jude lyrics'],
    ['Please Please Me', 'Me'],
    ['what does $? do', 'what does $! do'],
    ['what does ~ do in bash', 'what does ! do in bash'],
    ['does x=1 hold', 'does x!=1 hold'],
    ['find . -name x', 'find -name x'],
    ['\u5982\u4f55\u8bf4\u8c22\u8c22', '\u5982\u4f55\u8bf4\u6c42\u52a9'],
    ['why can I not log in', 'why can I log in'],
    ['\u624b\u673a\u600e\u4e48\u6837', '\u624b\u673a\u600e\u4e48\u4fee'],
    ['\u80fd\u4e0d\u80fd\u9000', '\u80fd\u9000'],
  ])('is not the same for %s / %s', (a, b) => {
    expect(core(a)).not.toBe(core(b))
  })
})
