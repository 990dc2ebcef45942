import type { ToolPolicy } from '../../../tool-cache/tool-policy.ts'
import { seededRandom } from '../latency.ts'
import type { ToolLine } from '../traffic/traffic-line.ts'
import { seedOf, zipf } from './random.ts'

const CITIES =
  'London,Paris,Berlin,Madrid,Rome,Vienna,Prague,Warsaw,Oslo,Lisbon,Tokyo,Beijing,Shanghai,Shenzhen,Chengdu,Seoul,Delhi,Mumbai,Lagos,Cairo,Nairobi,Lima,Bogotá,Toronto,Boston,Chicago,Denver,Seattle,Sydney,Auckland'.split(
    ',',
  )
const WEATHER_CHANGES_MS = 1_200_000
const ORDERS = 200

/** What the owner of the made-up tools would say about them. A weather that is ten minutes old is good enough. */
export const MADE_UP_POLICIES: Readonly<Record<string, ToolPolicy>> = {
  get_weather: { ttlMs: 600_000, shared: true },
  get_order: { ttlMs: 3_600_000, reads: ['order:{order_id}'] },
  update_order: { writes: ['order:{order_id}'] },
}

/**
 * Calls of three tools with a state behind them, so that a stored result can be out of date: a weather that changes every
 * 20 minutes, and orders that are read and now and then changed.
 */
export function toolCallMaker(seed: number): (at: number) => Omit<ToolLine, 'id' | 'at'> {
  const random = seededRandom(seed)
  const city = zipf(CITIES.length, 0.9, random)
  const order = zipf(ORDERS, 0.7, random)
  const versions = new Map<string, number>()
  return (at) => {
    if (random() < 0.6) {
      const name = CITIES[city()] as string
      const celsius = seedOf(Math.floor(at / WEATHER_CHANGES_MS), name) % 35
      return { tool: 'get_weather', args: { city: name }, result: { city: name, celsius }, durationMs: 350 }
    }
    const id = `A-${1_000 + order()}`
    const version = versions.get(id) ?? 1
    if (random() < 0.9) {
      return { tool: 'get_order', args: { order_id: id }, result: { id, version, status: 'open' }, durationMs: 120 }
    }
    versions.set(id, version + 1)
    return { tool: 'update_order', args: { order_id: id, note: `change ${version}` }, result: 'ok', durationMs: 150 }
  }
}
