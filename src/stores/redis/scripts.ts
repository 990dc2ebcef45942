import { createHash } from 'node:crypto'
import type { Redis } from './connection.ts'

/** A script of one key, so that it runs in any cluster. */
export interface Script {
  readonly text: string
  readonly sha: string
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/**
 * Replaces a record and its end of life. ARGV: expiresAt, the payload's name and content, then the other fields. Those
 * come after the end of life, because every command on a record that an index sees has its vector indexed anew.
 * A new record begins with HSET: after any other write the server would no longer refuse it for want of memory.
 */
export const WRITE = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('UNLINK', KEYS[1]) end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], unpack(ARGV, 4)) end
return 1`)

/**
 * Changes counts and end of life of a live record. ARGV: now, expiresAt or '', then fields of counts and what to
 * add to each.
 * Returns expiresAt and tags, or nothing when there is no live record.
 */
export const UPDATE = script(`
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return false end
local held = redis.call('HMGET', KEYS[1], 'n', 'x', 'p')
if not held[1] or not held[3] or tonumber(held[1]) <= tonumber(ARGV[1]) then return false end
for i = 3, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], 'n', ARGV[2])
  redis.call('PEXPIREAT', KEYS[1], math.ceil(tonumber(ARGV[2])))
  held[1] = ARGV[2]
end
return { held[1], held[2] or '' }`)

/**
 * Removes a record when it matches: 1 when it was alive, 0 when it was not, -1 when it was left. ARGV: now, '=' and tenant or '', then tags of which it must
 * have one, if any are given.
 */
export const REMOVE = script(`
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' then return 0 end
if kind ~= 'hash' then return -1 end
local held = redis.call('HMGET', KEYS[1], 'n', 't', 'x')
if ARGV[2] ~= '' and (not held[2] or '=' .. held[2] ~= ARGV[2]) then return -1 end
if #ARGV > 2 then
  local tags = ',' .. (held[3] or '') .. ','
  local found = false
  for i = 3, #ARGV do
    if string.find(tags, ',' .. ARGV[i] .. ',', 1, true) then found = true break end
  end
  if not found then return -1 end
end
redis.call('UNLINK', KEYS[1])
if held[1] and tonumber(held[1]) > tonumber(ARGV[1]) then return 1 end
return 0`)

/** Notes an entry under a tag. ARGV: expiresAt, entry, now or '' (to drop what has expired), key's end of life. */
export const TAG = script(`
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3]) end
local left = redis.call('PTTL', KEYS[1])
if left < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return 1`)

/** Begins the life of a namespace that has none. ARGV: life, ttlMs. */
export const BEGIN = script(`
if redis.call('HSETNX', KEYS[1], 'life', ARGV[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('HGET', KEYS[1], 'life')`)

/** Reads fields of a generation and renews its life. ARGV: ttlMs, fields. */
export const READ_MARKS = script(`
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left < tonumber(ARGV[1]) / 2 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return redis.call('HMGET', KEYS[1], unpack(ARGV, 2))`)

/**
 * Notes a clear. ARGV: a new life, ttlMs, most marks, then the marks; without marks everything is cleared. Beyond the
 * bound the older half of the marks is forgotten, and what has tags or a tenant and is as old as those counts as cleared.
 */
export const CLEAR = script(`
if #ARGV == 3 then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'life', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 0
end
redis.call('HSETNX', KEYS[1], 'life', ARGV[1])
local at = redis.call('HINCRBY', KEYS[1], 'n', 1)
for i = 4, #ARGV do redis.call('HSET', KEYS[1], ARGV[i], at) end
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[3]) + 3 then
  local all = redis.call('HGETALL', KEYS[1])
  local floor = at - math.floor(tonumber(ARGV[3]) / 2)
  for i = 1, #all, 2 do
    if #all[i] > 1 and all[i] ~= 'life' and tonumber(all[i + 1]) <= floor then redis.call('HDEL', KEYS[1], all[i]) end
  end
  redis.call('HSET', KEYS[1], 'f', floor)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return at`)

/** ARGV: token, leaseMs. */
export const RENEW = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

/** ARGV: token. */
export const RELEASE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`)

/** Adds to counters. ARGV: ttlMs, then names and amounts. */
export const ADD = script(`
for i = 2, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[i], ARGV[i + 1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])`)

/** Runs a script; the server learns it on its first use there. */
export async function runScript(
  redis: Redis,
  { text, sha }: Script,
  key: string,
  args: readonly (string | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.send(['EVALSHA', sha, '1', key, ...args], { key })
  } catch (error) {
    if (!isNoScript(error)) throw error
    return redis.send(['EVAL', text, '1', key, ...args], { key })
  }
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message.startsWith('NOSCRIPT')
}
