import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cachedFunction } from '../../src/tool-cache/cached-function.ts'
import { checkedPolicies } from '../../src/tool-cache/policies.ts'
import { aToolCache } from './tool-calls.ts'

const marked = (metadata: object, args: object = {}, name = 'get_thing') => ({ name, args, metadata })

describe('what may be cached', () => {
  it('is nothing without a policy, a mark or an allow list', async () => {
    const { ask } = await aToolCache()
    expect(await ask({ name: 'get_thing', args: {} })).toMatchObject({
      outcome: 'bypass',
      reason: 'tool-not-cacheable',
    })
    expect(await ask({ name: 'get_thing', args: {} })).toMatchObject({ outcome: 'bypass', content: 'get_thing 2' })
  })

  it.each([
    ['a policy with ttlMs', { policies: { get_thing: { ttlMs: 1_000 } } }, {}, true, 'policy'],
    ['a policy with reads', { policies: { get_thing: { reads: [] } } }, {}, true, 'policy'],
    ['a policy with costUsd only', { policies: { get_thing: { costUsd: 1 } } }, {}, false, 'no-mark'],
    [
      'a policy with writes',
      { policies: { get_thing: { writes: ['thing'] } }, allow: ['get_thing'] },
      { cacheable: true },
      false,
      'policy',
    ],
    [
      'a policy over every mark',
      { policies: { get_thing: { ttlMs: 1 } }, deny: ['get_thing'] },
      { cacheable: false, destructive: true },
      true,
      'policy',
    ],
    ['cacheable', {}, { cacheable: true }, true, 'metadata-cacheable'],
    [
      'not cacheable',
      { allow: ['*'] },
      { cacheable: false, read_only: true, idempotent: true },
      false,
      'metadata-cacheable',
    ],
    ['cacheable over destructive', {}, { cacheable: true, destructive: true }, true, 'metadata-cacheable'],
    [
      'destructive',
      { allow: ['*'] },
      { destructive: true, read_only: true, idempotent: true },
      false,
      'destructive-mark',
    ],
    ['volatile', { allow: ['*'] }, { volatile: true, read_only: true, idempotent: true }, false, 'volatile-mark'],
    ['read_only and idempotent', {}, { read_only: true, idempotent: true }, true, 'read-only-idempotent'],
    ['readOnly and idempotent', {}, { readOnly: true, idempotent: true }, true, 'read-only-idempotent'],
    ['read_only alone', {}, { read_only: true }, false, 'no-mark'],
    ['readOnlyHint', {}, { annotations: { readOnlyHint: true } }, true, 'mcp-annotations'],
    ['readOnlyHint in metadata itself', {}, { readOnlyHint: true, openWorldHint: false }, true, 'mcp-annotations'],
    [
      'openWorldHint',
      { allow: ['*'] },
      { annotations: { readOnlyHint: true, openWorldHint: true } },
      false,
      'mcp-annotations',
    ],
    [
      'a write by hint',
      { allow: ['*'] },
      { annotations: { readOnlyHint: false, idempotentHint: true } },
      false,
      'mcp-annotations',
    ],
    ['destructiveHint', { allow: ['*'] }, { annotations: { destructiveHint: true } }, false, 'mcp-annotations'],
    ['idempotentHint alone', {}, { annotations: { idempotentHint: true } }, false, 'no-mark'],
    ['a mark that is no boolean', {}, { cacheable: 'yes' }, false, 'no-mark'],
    ['the allow list', { allow: ['get_*'] }, {}, true, 'allow-list'],
    ['the deny list', { allow: ['*'], deny: ['get_thing'] }, {}, false, 'deny-list'],
  ] as const)('is decided by %s', async (_what, options, metadata, cached, rule) => {
    const { cache, ask, events } = await aToolCache(options)
    const [row] = cache.audit([marked(metadata)])
    expect(row).toMatchObject({ tool: 'get_thing', cached, rule, reason: expect.stringMatching(/.{10}/) })
    // The audit says what calls do.
    await ask(marked(metadata))
    const { outcome } = await ask(marked(metadata))
    expect(outcome).toBe(cached ? 'hit' : 'bypass')
    if (!cached) expect(events[0]).toMatchObject({ findings: [{ guard: rule }], detail: row?.reason })
  })

  it.each([
    'send_email',
    'sendEmail',
    'SendEmail',
    'send-email',
    'SEND_EMAIL',
    'create-order',
    'createOrder',
    'delete_user',
    'update_task_status',
    'book_reservation',
    'cancel_reservation',
    'exchange_delivered_order_items',
    'transfer_to_human_agents',
    'enviar_correo',
    'supprimer_fichier',
    'löschenDatei',
    '发送邮件',
    '创建订单',
    '削除ファイル',
    'github__create_issue',
    'slack.send_message',
    'server/create_x',
    'files:/data/write_file',
    'mail/发送邮件',
    'mcp__github__deleteRepo',
    'mcp_create_issue',
    'SENDEMAIL',
    'SENDNEWSLETTER',
    'sendemail',
    'DELETEUSER',
    'deleteusers',
    'DELETEUser',
    'sendEmailV2',
    'bulk_delete',
    'batchUpdate',
    'batch_update_rows',
    'auto_send',
    'force_push',
  ])('stays out of %s, whose name says that it changes something, even on the allow list', async (name) => {
    const { ask } = await aToolCache({ allow: ['*'] })
    await ask({ name, args: {} })
    expect(await ask({ name, args: {} })).toMatchObject({ outcome: 'bypass', reason: 'tool-not-cacheable' })
  })

  it.each([
    'get_user',
    'getUser',
    'listOrders',
    'search_flights',
    'sender_lookup',
    'settings',
    'postal_code',
    'creation_date_of',
    'check_status_bar',
    '查询订单',
    'getUpdates',
    'postal_lookup',
    'github__get_issue',
    'slack.list_messages',
    'server/search',
    'bulk_get',
    'batch_lookup',
    'get_sent_mails',
    'SENDER',
    'SENDERLOOKUP',
    'UPDATES',
    'POSTALCODE',
    'ADDRESSLOOKUP',
    'CREATEDAT',
    'PAYMENTS',
    'addressbook',
    'copyright_info',
  ])('takes %s for a read', async (name) => {
    const { ask } = await aToolCache({ allow: ['*'] })
    await ask({ name, args: {} })
    expect((await ask({ name, args: {} })).outcome).toBe('hit')
  })

  it('lets metadata override the name, and an empty list or false switch the rule off', async () => {
    const one = await aToolCache()
    await one.ask(marked({ cacheable: true }, {}, 'send_report'))
    expect((await one.ask(marked({ cacheable: true }, {}, 'send_report'))).outcome).toBe('hit')
    for (const sideEffectPrefixes of [[], false] as const) {
      const { ask } = await aToolCache({ allow: ['*'], sideEffectPrefixes })
      await ask({ name: 'send_report', args: {} })
      expect((await ask({ name: 'send_report', args: {} })).outcome).toBe('hit')
    }
    const own = await aToolCache({ allow: ['*'], sideEffectPrefixes: ['fetch_'] })
    expect((await own.ask({ name: 'fetchThing', args: {} })).outcome).toBe('bypass')
    expect((await own.ask({ name: 'send_report', args: {} })).outcome).toBe('miss')
    const spaced = await aToolCache({ allow: ['*'], sideEffectPrefixes: ['shop/fetch'] })
    expect((await spaced.ask({ name: 'shop/fetch_thing', args: {} })).outcome).toBe('bypass')
    expect((await spaced.ask({ name: 'fetch_thing', args: {} })).outcome).toBe('miss')
  })

  it.each([
    [{ timestamp: 1 }],
    [{ query: { filter: [{ date: '2026-01-01' }] } }],
    [{ CurrentTime: 'x' }],
    [{ 'current-date': 'x' }],
    [{ options: new Map([['now', 1]]) }],
  ])('takes %j for a call like no other', async (args) => {
    const { ask } = await aToolCache({ allow: ['*'] })
    await ask({ name: 'get_thing', args })
    expect((await ask({ name: 'get_thing', args })).reason).toBe('tool-not-cacheable')
  })

  it('takes names of volatile arguments from the caller, and none when switched off', async () => {
    const own = await aToolCache({ allow: ['*'], volatileArguments: ['as_of'] })
    expect((await own.ask({ name: 'get_thing', args: { asOf: 1 } })).outcome).toBe('bypass')
    expect((await own.ask({ name: 'get_thing', args: { date: 1 } })).outcome).toBe('miss')
    const off = await aToolCache({ allow: ['*'], volatileArguments: false })
    await off.ask({ name: 'get_thing', args: { timestamp: 1 } })
    expect((await off.ask({ name: 'get_thing', args: { timestamp: 1 } })).outcome).toBe('hit')
  })

  it('asks neither name nor arguments of a tool that is vouched for', async () => {
    const { ask } = await aToolCache()
    const call = marked({ read_only: true, idempotent: true }, { timestamp: 1 }, 'send_query')
    await ask(call)
    expect((await ask(call)).outcome).toBe('hit')
    const flights = await aToolCache({ policies: { search_flights: { ttlMs: 1_000 } } })
    await flights.ask({ name: 'search_flights', args: { date: '2026-12-01' } })
    expect((await flights.ask({ name: 'search_flights', args: { date: '2026-12-01' } })).outcome).toBe('hit')
    expect((await flights.ask({ name: 'search_flights', args: { date: '2026-12-02' } })).outcome).toBe('miss')
  })

  it('audits by the arguments the schema names', async () => {
    const { cache } = await aToolCache({
      allow: ['*'],
      policies: { pay: { writes: ['invoice:{id}'] }, get_rate: { ttlMs: 500 } },
    })
    const schema = { type: 'object', properties: { timestamp: { type: 'string' } } }
    expect(
      cache.audit([
        { name: 'get_thing', schema },
        { name: 'pay' },
        { name: 'get_rate' },
        { name: 'list_all', inputSchema: schema },
      ]),
    ).toMatchObject([
      { tool: 'get_thing', cached: false, rule: 'volatile-argument', reason: expect.stringContaining('timestamp') },
      { tool: 'pay', cached: false, rule: 'policy', writes: ['invoice:{id}'] },
      { tool: 'get_rate', cached: true, ttlMs: 500 },
      { tool: 'list_all', cached: false, rule: 'volatile-argument' },
    ])
  })
})

describe('the audit', () => {
  const now = { type: 'object', properties: { now: { type: 'string' } } }
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' }, date: {} } }
  const recursive: Record<string, unknown> = { type: 'object', properties: {} }
  Object.assign(recursive, { properties: { again: recursive, today: {} } })
  it.each([
    ['a list', { a: { type: 'array', items: now } }],
    ['a tuple', { a: { type: 'array', prefixItems: [{ type: 'string' }, now] } }],
    ['a choice', { a: { anyOf: [{ type: 'null' }, { type: 'array', items: { oneOf: [{ type: 'string' }, now] } }] } }],
    ['a map', { a: { type: 'object', additionalProperties: now } }],
    ['a reference', { a: { $ref: '#/$defs/node' } }],
    ['itself', { a: recursive }],
  ])('sees a volatile argument inside %s', async (_what, properties) => {
    const { cache } = await aToolCache({ allow: ['*'] })
    const inputSchema = { type: 'object', properties, $defs: { node } }
    expect(cache.audit([{ name: 'get_thing', inputSchema }])).toMatchObject([{ rule: 'volatile-argument' }])
  })

  it('sees into a zod schema, and leaves out what is ignored', async () => {
    const { cache, ask } = await aToolCache({ allow: ['*'], ignoredPaths: ['seen.*.now'] })
    const inside = (name: string) => z.object({ [name]: z.array(z.object({ now: z.string() })) })
    expect(
      cache.audit([
        { name: 'get_thing', schema: inside('asked') },
        { name: 'get_thing', schema: inside('seen') },
        { name: 'get_thing', schema: z.object({ id: z.union([z.string(), z.number()]) }) },
      ]),
    ).toMatchObject([{ rule: 'volatile-argument' }, { rule: 'allow-list' }, { rule: 'allow-list' }])
    const call = (name: string) => ask({ name: 'get_thing', args: { [name]: [{ now: 'x' }] } })
    expect([(await call('asked')).outcome, (await call('seen')).outcome]).toEqual(['bypass', 'miss'])
  })
})

describe('configuration', () => {
  const refuses = (options: object) => expect(aToolCache(options as never)).rejects

  it.each([
    [{ policies: { a: { ttlMs: 0 } } }, /ttlMs of the policy for tool "a"/],
    [{ policies: { a: { ttlMs: 10, writes: ['x'] } } }, /tool "a".*ttlMs or writes/],
    [{ policies: { a: { negativeTtlMs: 10, writes: ['x'] } } }, /tool "a".*negativeTtlMs or writes/],
    [{ policies: { a: { reads: ['order:{'] } } }, /tag of tool "a".*order:\{/],
    [{ policies: { a: { reads: ['order:{}'] } } }, /tag of tool "a"/],
    [{ policies: { a: { reads: 'order' } } }, /reads.*a list of non-empty strings/],
    [{ policies: { a: { ttl: 10 } } }, /"ttl"/],
    [{ policies: { a: { costUsd: -1 } } }, /costUsd/],
    [{ policies: { a: { key: 'id' } } }, /key.*a function/],
    [
      { policies: { get_ordr: { ttlMs: 1 } }, tools: [{ name: 'get_order' }] },
      /known tools \(get_order\), got "get_ordr"/,
    ],
    [{ allow: ['a'], deny: ['a'] }, /allow and deny.*"a"/],
    [{ cacheable: ['a'] }, /"cacheable"/],
    [{ ttlMs: Number.NaN }, /ttlMs/],
    [{ lockLeaseMs: -1 }, /lockLeaseMs/],
    [{ store: {} }, /store/],
    [{ tenant: '' }, /tenant/],
  ])('refuses %j', async (options, message) => {
    await refuses(options).toThrow(message)
    await refuses(options).toMatchObject({ name: 'CacheError', code: 'INVALID_OPTION' })
  })

  it.each([
    [{ writes: ['order'] }, { ttlMs: 1_000 }],
    [{ ttlMs: 1_000 }, { writes: ['order'] }],
    [{ negativeTtlMs: 1_000 }, { writes: ['order'] }],
  ])(
    'refuses %j in the cache with %j for the same tool where both are seen; in a call writes wins',
    async (own, given) => {
      const { cache, ask } = await aToolCache({ policies: { order: own } })
      expect(() => checkedPolicies({ order: given }, undefined, cache)).toThrow(/"order" must agree.*writes/)
      expect(() => cachedFunction(async () => 1, { cache, name: 'order', ...given })).toThrow(/"order" must agree/)
      const tool = { name: 'order', policy: given }
      const [row] = cache.audit([tool])
      expect(row).toMatchObject({ cached: false, rule: 'policy', writes: ['order'], conflict: expect.any(String) })
      await ask({ ...tool, args: {} })
      expect(await ask({ ...tool, args: {} })).toMatchObject({ outcome: 'bypass', content: 'order 2' })
    },
  )

  it('takes an empty list of writes for none', async () => {
    const { cache, ask } = await aToolCache({ policies: { order: { writes: [] } } })
    const tool = { name: 'order', policy: { ttlMs: 1_000, writes: [] } }
    checkedPolicies({ order: tool.policy }, undefined, cache)
    const [row] = cache.audit([tool])
    expect(row).toEqual({ tool: 'order', cached: true, rule: 'policy', reason: expect.any(String), ttlMs: 1_000 })
    await ask({ ...tool, args: {} })
    expect((await ask({ ...tool, args: {} })).outcome).toBe('hit')
  })

  it('refuses a tag whose argument the schema does not have, or does not require', async () => {
    const schema = { type: 'object', properties: { id: {}, region: {} }, required: ['id'], additionalProperties: false }
    const tools = [{ name: 'get_order', schema }]
    await refuses({ tools, policies: { get_order: { reads: ['order:{orderId}'] } } }).toThrow(
      /"order:\{orderId\}" of tool "get_order".*\(id\).*does not have/,
    )
    await refuses({ tools, policies: { get_order: { reads: ['r:{region}'] } } }).toThrow(/is optional/)
    await aToolCache({ tools, policies: { get_order: { reads: ['order:{id}'] } } })
  })
})
