import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalJudge, type LocalJudgeOptions, localJudge } from '../../src/embeddings/index.ts'
import { encodePair, inCodePointOrder } from '../../src/embeddings/local/judge-pairs.ts'
import { peerImport } from '../../src/embeddings/local/peer-import.ts'
import { createSemanticCache, similarityThreshold, verified } from '../../src/index.ts'
import { answer, ask, cacheBench, countingModel } from '../support/cache-bench.ts'

const TINY = resolve(import.meta.dirname, '../support/tiny-judge-model')
const SENTENCES = resolve(import.meta.dirname, '../support/tiny-onnx-model')
const { signal } = new AbortController()
setMaxListeners(0, signal)

const open: LocalJudge[] = []
/** In this thread unless told otherwise: starting a thread from TypeScript takes a second. */
function tiny(options: LocalJudgeOptions = {}): LocalJudge {
  const judge = localJudge({ model: TINY, worker: false, threads: 1, ...options })
  open.push(judge)
  return judge
}
let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'reprise-judge-'))
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((judge) => judge.close()))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** The tiny judge in a folder of its own with some of judge.json changed; checksums of changed files are made anew. */
async function folderWith(
  change: Record<string, unknown> = {},
  files: Record<string, Buffer | string> = {},
): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'judge-'))
  await cp(TINY, folder, { recursive: true })
  const described = JSON.parse(await readFile(join(folder, 'judge.json'), 'utf8'))
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content)
    described.files[name] = createHash('sha256').update(content).digest('hex')
  }
  await writeFile(join(folder, 'judge.json'), JSON.stringify({ ...described, ...change }))
  return folder
}

async function probability(judge: LocalJudge, asked: string, stored: string): Promise<number | undefined> {
  return (await judge.verify(asked, stored, { signal })).probability
}

describe('localJudge', () => {
  it('says of two texts, alike in both orders, how probably they may share an answer, and what it cost', async () => {
    const judge = tiny()
    const verdict = await judge.verify('reset my password', 'how do i reset it?', { signal })
    expect(await judge.verify('reset my password', 'how do i reset it?')).toEqual(verdict)
    expect(verdict.probability).toBeGreaterThan(0)
    expect(verdict.probability).toBeLessThan(1)
    expect(['none', 'number', 'negation']).toContain(verdict.kind)
    // Two runs, each over both texts and three special tokens.
    expect(verdict.overhead.usd).toBe(0)
    expect(verdict.overhead.tokens).toBeGreaterThan(2 * 3)
    expect(await probability(judge, 'how do i reset it?', 'reset my password')).toBeCloseTo(verdict.probability ?? 0, 6)
    expect(await judge.load()).toEqual({ name: 'tiny', version: '0.0.1', languages: ['en', 'zh'] })
    const combination = { policy: 0.6, verifier: 0.9, bias: 0.5, limits: [[0.05, 0.9]] }
    const measured = tiny({ model: await folderWith({ combination }) })
    expect(await measured.verify('how do i', 'sing', { signal })).toMatchObject({ combination })
  })

  it('takes what judge.json says: scale and bias, case, length, order', async () => {
    const texts = ['reset my password', 'sing a song'] as const
    const plain = (await probability(tiny(), ...texts)) ?? 0
    const sharp = (await probability(tiny({ model: await folderWith({ logitScale: 3, logitBias: 1 }) }), ...texts)) ?? 0
    const logit = (p: number) => Math.log(p / (1 - p))
    expect(logit(sharp)).toBeCloseTo(((logit(plain) + 0.2) / 1.5) * 3 + 1, 4)
    expect(await probability(tiny(), 'RESET My Password', 'sing a song')).toBe(plain)
    const short = tiny({ model: await folderWith({ maxTokens: 8 }) })
    expect(await probability(short, 'how do i reset my password', 'how do i sing')).toBe(
      await probability(short, 'how do i reset my song', 'how do i sing'),
    )
    const sorted = tiny({ model: await folderWith({ order: 'sorted' }) })
    const forth = await sorted.verify(...texts, { signal })
    expect(await sorted.verify(texts[1], texts[0], { signal })).toEqual(forth)
    expect(forth.overhead.tokens * 2).toBe((await tiny().verify(...texts, { signal })).overhead.tokens)
  })

  it('does not depend on what else is judged', async () => {
    const judge = tiny()
    const alone = await probability(judge, 'how do i sing', 'sing a song')
    const [, among] = await Promise.all([
      probability(judge, 'a much longer text about my password reset in france', 'what is the capital of france'),
      probability(judge, 'how do i sing', 'sing a song'),
      probability(judge, 'x', 'y'),
    ])
    expect(among).toBe(alone)
  })

  it('chooses the model by the texts: Chinese characters in one of them, else English', async () => {
    const root = await mkdtemp(join(scratch, 'package-'))
    await cp(await folderWith({ name: 'english', languages: ['en'] }), join(root, 'en'), { recursive: true })
    await cp(await folderWith({ name: 'chinese', languages: ['zh'], logitBias: 30 }), join(root, 'zh'), {
      recursive: true,
    })
    const judge = tiny({ model: root })
    expect((await judge.load('en')).name).toBe('english')
    expect((await judge.load('zh')).name).toBe('chinese')
    expect(await probability(judge, 'how do i sing', 'sing')).toBeLessThan(0.99)
    expect(await probability(judge, '如何重置', 'sing')).toBeGreaterThan(0.99)
  })

  it('refuses scripts it was not taught', async () => {
    for (const text of [
      'Как сбросить пароль?',
      'كيف أعيد تعيين كلمة المرور',
      'パスワードをリセット',
      '비밀번호 재설정',
    ]) {
      expect(await tiny().verify(text, text, { signal })).toMatchObject({ probability: 0, kind: 'other-language' })
    }
    expect(await probability(tiny(), 'naïve café: β ≥ 2 €', 'sing')).toBeGreaterThan(0)
  })

  it('works in a worker thread, comes back after that was killed, and lets the process end', {
    timeout: 60_000,
  }, async () => {
    const script = join(scratch, 'end.mts')
    const entry = resolve(import.meta.dirname, '../../src/embeddings/index.ts')
    await writeFile(
      script,
      `import { Worker } from 'node:worker_threads'
       import { localJudge } from ${JSON.stringify(entry)}
       let killing = false
       const post = Worker.prototype.postMessage
       Worker.prototype.postMessage = function (...given: Parameters<typeof post>) {
         // The thread dies over a verdict.
         if (killing) void this.terminate()
         else post.apply(this, given)
       }
       const judge = localJudge({ model: ${JSON.stringify(TINY)}, threads: 1 })
       const { signal } = new AbortController()
       const said = async () => {
         try {
           return (await judge.verify('how do i', 'sing a song', { signal })).probability
         } catch (error) {
           return error.code
         }
       }
       const first = await said()
       killing = true
       const killed = await said()
       killing = false
       console.log(JSON.stringify([typeof first, killed, (await said()) === first]))`,
    )
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
      cwd: resolve(import.meta.dirname, '../..'),
    })
    expect(JSON.parse(stdout)).toEqual(['number', 'VERIFIER_FAILED', true])
  })
})

describe('localJudge on bad days', () => {
  const failing = async (options: LocalJudgeOptions, texts = ['a', 'b'] as const) =>
    tiny(options)
      .verify(...texts, { signal })
      .catch((error) => `${error.code} ${error.message}`)

  it('names the package to install when it is absent', async () => {
    const project = await mkdtemp(join(scratch, 'project-'))
    const said = await failing({ model: undefined as never, project })
    expect(said).toMatch(/^MISSING_PEER localJudge needs the package reprise-judge: npm install reprise-judge/)
  })

  it('does not ask a model about a language that its judge.json does not name', async () => {
    const judge = localJudge({ model: await folderWith({ languages: ['zh'], logitBias: 30 }), worker: false })
    expect((await judge.verify('重置密码', '怎么重置密码', { signal })).probability).toBeGreaterThan(0.99)
    expect(await judge.verify('reset my password', 'how do i reset it?', { signal })).toMatchObject({
      probability: 0,
      kind: 'other-language',
    })
    await judge.close()
  })

  it('knows two languages', async () => {
    await expect(localJudge().load('fr' as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: "language must be 'en' or 'zh', got \"fr\"",
    })
  })

  it('finds a runtime in the project that is not beside reprise', async () => {
    const project = await mkdtemp(join(scratch, 'project-'))
    const folder = join(project, 'node_modules/some-runtime')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{"name":"some-runtime","main":"main.cjs"}')
    await writeFile(join(folder, 'main.cjs'), 'module.exports = { from: "project" }')
    const absent = async (): Promise<{ from: string }> => {
      throw Object.assign(new Error("Cannot find package 'some-runtime'"), { code: 'ERR_MODULE_NOT_FOUND' })
    }
    expect(await peerImport('some-runtime', project, absent)).toEqual({ from: 'project' })
    expect(await peerImport('some-runtime', project, async () => ({ from: 'reprise' }))).toEqual({ from: 'reprise' })
    await expect(peerImport('some-runtime', scratch, absent)).rejects.toThrow("Cannot find package 'some-runtime'")
  })

  it('finds the package in the project it is told', async () => {
    const project = await mkdtemp(join(scratch, 'project-'))
    const folder = join(project, 'node_modules/reprise-judge')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{"name": "reprise-judge"}')
    await cp(TINY, join(folder, 'en'), { recursive: true })
    const judge = localJudge({ project, worker: false })
    open.push(judge)
    expect((await judge.load('en')).name).toBe('tiny')
    await expect(judge.load('zh')).rejects.toThrow(/must hold judge\.json, or a folder zh that does/)
  })

  it.each<[string, () => Promise<string>, RegExp]>([
    ['a folder without a judge', async () => mkdtemp(join(scratch, 'empty-')), /must hold judge\.json, or a folder en/],
    [
      'a damaged graph',
      async () => {
        const folder = await folderWith()
        const graph = await readFile(join(folder, 'model.onnx'))
        graph[100] = (graph[100] ?? 0) ^ 1
        await writeFile(join(folder, 'model.onnx'), graph)
        return folder
      },
      /model\.onnx is damaged: its sha256 must be \w{12}…, and is \w{12}…; install it again/,
    ],
    [
      'a tokenizer cut short',
      async () => {
        const folder = await folderWith()
        await writeFile(join(folder, 'tokenizer.json'), '{')
        return folder
      },
      /tokenizer\.json is damaged/,
    ],
    [
      'a missing graph',
      async () => {
        const folder = await folderWith()
        await rm(join(folder, 'model.onnx'))
        return folder
      },
      /model\.onnx must be there, and is not/,
    ],
    ['no checksum of the graph', () => folderWith({ files: {} }), /must hold the sha256 of model\.onnx under files/],
    ['files outside of the folder', () => folderWith({ files: { '../x': 'a' } }), /x must be there, and is not/],
    ['a graph that is none', () => folderWith({}, { 'model.onnx': 'no graph' }), /model\.onnx must be an ONNX graph/],
    [
      'the graph of an embedder',
      async () => folderWith({}, { 'model.onnx': await readFile(join(SENTENCES, 'onnx/model.onnx')) }),
      /must take input_ids, attention_mask, token_type_ids and give logits, it takes .* and gives last_hidden_state/,
    ],
    ['a judge.json that is no JSON', async () => folderFromText('{'), /judge\.json must be JSON, and is not/],
    ['a judge.json that is a list', async () => folderFromText('[]'), /judge\.json must hold a JSON object/],
    [
      'a later format',
      () => folderWith({ format: 2 }),
      /format in .* must be 1, which this version of reprise reads, got 2/,
    ],
    ['an unknown order', () => folderWith({ order: 'any' }), /order in .* must be 'both' or 'sorted', got "any"/],
    ['an endless length', () => folderWith({ maxTokens: 1e6 }), /maxTokens in .* must be an integer in \[8, 512\]/],
    ['no calibration', () => folderWith({ logitScale: 0 }), /logitScale in .* must be a number > 0, got 0/],
    ['no bias', () => folderWith({ logitBias: undefined }), /logitBias in .* must be a number, got nothing/],
  ])('%s is a rejection that says so', async (_what, make, message) => {
    const said = await failing({ model: await make() })
    expect(said).toMatch(/^VERIFIER_FAILED localJudge: /)
    expect(said).toMatch(message)
  })

  async function folderFromText(text: string): Promise<string> {
    const folder = await folderWith()
    await writeFile(join(folder, 'judge.json'), text)
    return folder
  }

  it('gives up at its deadline and when the caller leaves', async () => {
    const judge = tiny({ deadlineMs: 1 })
    await judge.load()
    const waiting = Array.from({ length: 200 }, () =>
      judge.verify('how do i', 'sing', { signal }).catch((error) => error),
    )
    const codes = new Set((await Promise.all(waiting)).map((said) => said.code ?? 'verdict'))
    expect([...codes]).toContain('DEADLINE_EXCEEDED')
    const caller = new AbortController()
    const left = tiny().verify('a', 'b', { signal: caller.signal })
    caller.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
  })

  it('is closed once and for all', async () => {
    const judge = tiny()
    await judge.load()
    await judge.close()
    await expect(judge.verify('a', 'b', { signal })).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it.each<[string, unknown]>([
    ['model must be a non-empty string', { model: '' }],
    ['deadlineMs must be a number in', { deadlineMs: 0 }],
    ['threads must be an integer in', { threads: 0.5 }],
    ['worker must be true or false', { worker: 'yes' }],
    ['option of localJudge must be one of', { band: {} }],
  ])('refuses at construction: %s', (message, options) => {
    expect(() => localJudge(options as never)).toThrow(message)
  })

  it.each<[string, () => Promise<LocalJudgeOptions>, number]>([
    ['the package is absent', async () => ({ project: await mkdtemp(join(scratch, 'project-')) }), 3_000],
    ['the file is damaged', async () => ({ model: await folderWith({ files: { 'model.onnx': 'ff' } }) }), 3_000],
    ['it is not loaded in time', async () => ({ model: TINY }), 1],
  ])('is a miss of the cache, never an error of the call, when %s', async (_how, options, verifierDeadlineMs) => {
    const judge = localJudge({ worker: false, ...(await options()) })
    open.push(judge)
    const decision = verified(similarityThreshold({ minSimilarity: 0.9 }), { verifier: judge })
    const { cache, events } = await cacheBench({ decision, verifierDeadlineMs })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    const { record } = await cache.getOrCall(ask('silent'), model.call)
    expect(record).toMatchObject({ outcome: 'miss', reason: 'verifier-failed' })
    expect(model.calls).toBe(2)
    expect(events.filter(({ type }) => type === 'verify')).toHaveLength(1)
  })
})

describe('localJudge in a cache', () => {
  it.each([
    [20, 'hit'],
    [-20, 'miss'],
  ])('with a bias of %d the answer is a %s', async (logitBias, outcome) => {
    const judge = tiny({ model: await folderWith({ logitBias }) })
    const cache = await createSemanticCache({
      decision: verified(similarityThreshold({ minSimilarity: 0.3 }), { verifier: judge }),
    })
    const model = async () => answer('by the link in the mail')
    await cache.getOrCall(ask('how do i reset my password'), model)
    const { record } = await cache.getOrCall(ask('how can i reset my password'), model)
    expect(record.outcome).toBe(outcome)
    expect((await cache.stats()).overhead).toMatchObject({ usd: 0, unpricedCalls: 0 })
    await cache.close()
  })
})

/** What only real weights can show. */
const PACKAGE = resolve(process.env.REPRISE_JUDGE ?? join(import.meta.dirname, '../../packages/reprise-judge'))
const REAL = [
  {
    language: 'en',
    asked: 'How do I reset my password?',
    same: 'how can i reset my password',
    others: ['How do I delete my account?', 'What is the capital of France?'],
  },
  {
    language: 'zh',
    asked: '如何重置我的密码？',
    same: '怎么重置我的密码',
    others: ['怎么注销我的账号？', '法国的首都是哪里？'],
  },
] as const

describe.each(REAL)('the judge of reprise-judge, $language', ({ language, asked, same, others }) => {
  if (!existsSync(join(PACKAGE, language, 'judge.json'))) {
    it.skip(`needs the weights in ${join(PACKAGE, language)} (set REPRISE_JUDGE)`, () => {})
    return
  }

  it('is whole, knows its language, and holds a rewording for likelier than another question, in both orders', async () => {
    const judge = tiny({ model: PACKAGE })
    expect((await judge.load(language)).languages).toContain(language)
    const likely = (await probability(judge, asked, same)) ?? 0
    expect(await probability(judge, same, asked)).toBeCloseTo(likely, 5)
    for (const other of others) expect(await probability(judge, asked, other)).toBeLessThan(likely)
  })
})

describe('a pair of texts as tokens', () => {
  const words = (text: string) => text.split(' ').filter(Boolean).map(Number)
  const encoder = { tokenize: words, begin: 101, end: 102, maxTokens: 10, lowerCase: false }

  it('has both texts between their marks, and types that tell them apart', () => {
    expect(encodePair('1 2', '3', encoder)).toEqual({ ids: [101, 1, 2, 102, 3, 102], types: [0, 0, 0, 0, 1, 1] })
  })

  it('loses tokens at the end of the longer text first, as if cut one by one', () => {
    const cut = (a: number[], b: number[]) => {
      const [left, right] = [[...a], [...b]]
      while (left.length + right.length > encoder.maxTokens - 3) (left.length > right.length ? left : right).pop()
      return [101, ...left, 102, ...right, 102]
    }
    const ids = fc.array(fc.nat(99), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const { ids: made, types } = encodePair(a.join(' '), b.join(' '), encoder)
        expect(made).toEqual(cut(a, b))
        expect(types).toHaveLength(made.length)
      }),
    )
  })

  it('is ordered by code points, not by UTF-16 units', () => {
    expect(inCodePointOrder('b', 'a')).toEqual(['a', 'b'])
    expect(inCodePointOrder('ab', 'a')).toEqual(['a', 'ab'])
    // 😀 is beyond U+FFFF, so its first unit is less than that of ﬁ.
    expect(inCodePointOrder('😀', 'ﬁ')).toEqual(['ﬁ', '😀'])
  })
})
