/**
 * What all scripts of the distributed cache begin with, in Lua, and the layout of what they store.
 *
 * All keys of a cache begin with `agent:cache:{name}:`, so they are in one slot of a cluster:
 *
 * - `g` the generation, 16 random characters. `clear` removes it, and what was stored before is dead.
 * - `v:KEY` an entry: a header (see envelope.ts) and the value. It has its generation, its end by the
 *   server's clock, and for each tag the stamp that the tag had.
 * - `s:TAG` the stamp of a tag: the generation and 16 random characters. `deleteByTag` removes it, and
 *   what was stored under it is dead at once, however many entries that are.
 * - `m:TAG` the keys that carry a tag, by their end: only to find and count them. Should Redis evict
 *   it, entries are still dead when they ought to be; they are then neither counted nor removed early.
 * - `l:KEY` a lease: its token, the generation, and the stamps that must still hold when the load is
 *   published.
 * - `x:TOKEN` what a `deleteByTag` has still to remove.
 *
 * Scripts name only the keys that their reads are to be tracked for: Redis 7.0 remembers all named keys
 * for each read of a script.
 *
 * @module
 */

import { type Script, scriptOf } from "./script.ts";

/** Every script has its cache's prefix as first argument and the generation as first key. */
const PRELUDE = `
local P = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local DAY = 86400000
local EVER = math.huge
local gen = redis.pcall('GET', KEYS[1])
if type(gen) ~= 'string' or #gen ~= 16 then gen = nil end
local wrote = {}

local function begin(fresh)
  if gen then return end
  gen = fresh
  redis.call('SET', KEYS[1], fresh)
end

local function whole(ms) return string.format('%.0f', math.max(1, math.ceil(ms))) end
-- Beyond this a time is no time that Redis takes.
local function lasting(ms) return ms < 1e15 end

local function head(key)
  local s = redis.pcall('GETRANGE', key, 0, 255)
  if type(s) ~= 'string' or #s < 32 or string.sub(s, 1, 2) ~= 'A\\1' then return nil end
  local expires, length = struct.unpack('>dI4', s, 21)
  local found = { gen = string.sub(s, 5, 20), expires = expires, tags = {} }
  if length == 0 then return found end
  if #s < 32 + length then s = redis.call('GETRANGE', key, 0, 31 + length) end
  if #s < 32 + length then return nil end
  local ok, tags = pcall(cjson.decode, string.sub(s, 33, 32 + length))
  if not ok or type(tags) ~= 'table' then return nil end
  for i = 1, #tags do if type(tags[i]) ~= 'string' then return nil end end
  found.tags = tags
  return found
end

-- Until when a name is kept.
local function kept_till(key)
  local left = redis.call('PTTL', key)
  return left >= 0 and now + left or EVER
end

local function hold(tags)
  for i = 1, #tags, 2 do
    if redis.pcall('GET', P .. 's:' .. tags[i]) ~= tags[i + 1] then return false end
  end
  return true
end

local function alive(h, at)
  return h ~= nil and gen ~= nil and h.gen == gen and h.expires > at and hold(h.tags)
end

local function stands(lease)
  if type(lease) ~= 'string' or gen == nil or string.sub(lease, 17, 32) ~= gen then return false end
  local ok, tags = pcall(cjson.decode, string.sub(lease, 33))
  return ok and hold(tags)
end

-- A tag whose last key left is forgotten in a day.
local function leave(tag, key)
  redis.pcall('ZREM', P .. 'm:' .. tag, key)
  if redis.call('EXISTS', P .. 'm:' .. tag) == 0 and redis.call('PTTL', P .. 's:' .. tag) == -1 then
    redis.call('PEXPIRE', P .. 's:' .. tag, DAY)
    wrote[#wrote + 1] = tag
  end
end

-- An entry's key leaves the tags that its successor does not carry.
local function forget(key, h, kept)
  if h == nil then return end
  for i = 1, #h.tags, 2 do
    if not kept[h.tags[i]] then leave(h.tags[i], key) end
  end
end

-- The stamp of a tag, which must hold until then. It is rarely written: those who trust it are told.
local function stamp(tag, fresh, till)
  local key = P .. 's:' .. tag
  local found = redis.pcall('GET', key)
  if type(found) ~= 'string' or #found ~= 32 or string.sub(found, 1, 16) ~= gen then
    found = gen .. fresh
    redis.call('UNLINK', P .. 'm:' .. tag)
    if lasting(till) then redis.call('SET', key, found, 'PX', whole(till - now + 2 * DAY))
    else redis.call('SET', key, found) end
    wrote[#wrote + 1] = tag
    return found
  end
  local left = redis.call('PTTL', key)
  if left >= 0 and till - now > left then
    if lasting(till) then redis.call('PEXPIRE', key, whole(till - now + DAY))
    else redis.call('PERSIST', key) end
    wrote[#wrote + 1] = tag
  end
  return found
end

local function join(tag, key, till, turn)
  local m = P .. 'm:' .. tag
  local score = lasting(till) and string.format('%.3f', till) or '+inf'
  if type(redis.pcall('ZADD', m, score, key)) == 'table' then
    redis.call('UNLINK', m)
    redis.call('ZADD', m, score, key)
  end
  -- More leave than come: those whose time is over, and of the others those that Redis evicted.
  local over = redis.call('ZRANGEBYSCORE', m, '-inf', string.format('%.3f', now), 'LIMIT', 0, 16)
  if #over > 0 then redis.call('ZREM', m, unpack(over)) end
  local count = redis.call('ZCARD', m)
  for i = 1, math.min(2, count) do
    local place = (time[2] * 31 + turn * 7919 + i * 104729) % count
    local other = redis.call('ZRANGE', m, place, place)[1]
    if other and other ~= key and redis.call('EXISTS', P .. 'v:' .. other) == 0 then
      redis.call('ZREM', m, other)
    end
  end
  local last = redis.call('ZRANGE', m, -1, -1, 'WITHSCORES')[2]
  if last == 'inf' then redis.call('PERSIST', m) else redis.call('PEXPIREAT', m, whole(tonumber(last))) end
end

local function duration(text)
  local ms = tonumber(text)
  if ms < 0 then return EVER end
  return ms
end
`;

/** Makes a script of what comes behind the beginning. */
export function script(body: string): Script {
  return scriptOf(PRELUDE + body);
}
