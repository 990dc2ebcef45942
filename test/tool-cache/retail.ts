import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ToolPolicy } from '../../src/tool-cache/tool-policy.ts'

const data = process.env.REPRISE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))
const databasePath = join(data, 'tools/tau2-retail-db.json')
const tasksPath = join(data, 'tools/tau2-retail-tasks.json')

/** Why the simulator cannot run, or undefined. */
export const missing = [databasePath, tasksPath].find((path) => !existsSync(path))

export interface Action {
  readonly name: string
  readonly arguments: Record<string, unknown>
}

type Row = Record<string, unknown>
export interface Database {
  readonly products: Record<string, Row>
  readonly users: Record<string, Row & { address: Row; orders: string[] }>
  readonly orders: Record<string, Row & { user_id: string; status: string; address: Row; items: Row[] }>
}

export const theDatabase = (): Database => JSON.parse(readFileSync(databasePath, 'utf8'))

/** The actions of each task; after each write its order is read again, because agents do that too. */
export function theTasks(): Action[][] {
  const tasks = JSON.parse(readFileSync(tasksPath, 'utf8')) as { evaluation_criteria?: { actions?: Action[] } }[]
  return tasks.map(({ evaluation_criteria: criteria }) =>
    (criteria?.actions ?? [])
      .filter(({ name }) => name in TOOLS)
      .flatMap((action) => {
        const { order_id, user_id } = action.arguments
        if (!TOOLS[action.name]?.policy.writes) return [action]
        const again = [
          ...(order_id ? [{ name: 'get_order_details', arguments: { order_id } }] : []),
          ...(user_id ? [{ name: 'get_user_details', arguments: { user_id } }] : []),
        ]
        return [...again, action, ...again]
      }),
  )
}

interface Simulated {
  readonly policy: ToolPolicy
  run(database: Database, args: Record<string, unknown>): unknown
}

const order = ({ orders }: Database, id: unknown) => {
  const found = orders[String(id)]
  if (!found) throw new Error('order not found')
  return found
}
const user = ({ users }: Database, id: unknown) => {
  const found = users[String(id)]
  if (!found) throw new Error('user not found')
  return found
}
const addressOf = ({ address1, address2, city, state, country, zip }: Row) => ({
  address1,
  address2,
  city,
  state,
  country,
  zip,
})
const ORDER = ['order:{order_id}']

/** The tools of tau2's retail shop, as far as they read and change its state, after its published rules. */
export const TOOLS: Record<string, Simulated> = {
  get_order_details: { policy: { reads: ORDER }, run: (database, { order_id }) => order(database, order_id) },
  get_user_details: { policy: { reads: ['user:{user_id}'] }, run: (database, { user_id }) => user(database, user_id) },
  get_product_details: {
    policy: { ttlMs: 3_600_000 },
    run: ({ products }, { product_id }) => products[String(product_id)] ?? 'Error: product not found',
  },
  find_user_id_by_email: {
    policy: { ttlMs: 3_600_000 },
    run: ({ users }, { email }) =>
      Object.keys(users).find((id) => users[id]?.email === email) ?? 'Error: user not found',
  },
  find_user_id_by_name_zip: {
    // The zip code is part of an address, which modify_user_address changes.
    policy: { reads: ['addresses'] },
    run: ({ users }, { first_name, last_name, zip }) =>
      Object.keys(users).find((id) => {
        const { name, address } = users[id] as unknown as { name: Row; address: Row }
        return name.first_name === first_name && name.last_name === last_name && address.zip === zip
      }) ?? 'Error: user not found',
  },
  cancel_pending_order: {
    policy: { writes: ORDER },
    run: (database, { order_id, reason }) =>
      Object.assign(order(database, order_id), { status: 'cancelled', cancel_reason: reason }),
  },
  modify_pending_order_address: {
    policy: { writes: ORDER },
    run: (database, args) => Object.assign(order(database, args.order_id), { address: addressOf(args) }),
  },
  modify_pending_order_items: {
    policy: { writes: ORDER },
    run: (database, { order_id, new_item_ids }) =>
      Object.assign(order(database, order_id), { status: 'pending (item modified)', new_item_ids }),
  },
  modify_pending_order_payment: {
    policy: { writes: ORDER },
    run: (database, { order_id, payment_method_id }) => Object.assign(order(database, order_id), { payment_method_id }),
  },
  return_delivered_order_items: {
    policy: { writes: ORDER },
    run: (database, { order_id, item_ids }) =>
      Object.assign(order(database, order_id), { status: 'return requested', return_items: item_ids }),
  },
  exchange_delivered_order_items: {
    policy: { writes: ORDER },
    run: (database, { order_id, item_ids }) =>
      Object.assign(order(database, order_id), { status: 'exchange requested', exchange_items: item_ids }),
  },
  modify_user_address: {
    policy: { writes: ['user:{user_id}', 'addresses'] },
    run: (database, args) => Object.assign(user(database, args.user_id), { address: addressOf(args) }),
  },
}
