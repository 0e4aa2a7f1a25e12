/**
 * What Redis does in one step for the distributed cache, in Lua, and the layout of what it stores.
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

import { createHash } from "node:crypto";

/** A script. */
export interface Script {
  /** What it is called in messages. */
  readonly name: string;
  readonly source: string;
  /** The SHA-1 by which the server knows it. */
  readonly sha: string;
}

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

function script(name: string, body: string): Script {
  const source = PRELUDE + body;
  return { name, source, sha: createHash("sha1").update(source).digest("hex") };
}

/**
 * Stores entries, each in the place of an older one, and ends the leases of their keys.
 *
 * Arguments: prefix, random, lease token or "", codec, ttl, grace (negative: for ever), number of tags,
 * tags, then key and value of each entry. With a token nothing is stored unless the lease stands.
 * Returns whether it was stored and the tags whose stamps were written.
 */
export const SET: Script = script(
  "set",
  `
local fresh, token, codec = ARGV[2], ARGV[3], ARGV[4]
local first = 8 + tonumber(ARGV[7])
if token ~= '' then
  local l = P .. 'l:' .. ARGV[first]
  local lease = redis.pcall('GET', l)
  if type(lease) ~= 'string' or string.sub(lease, 1, 16) ~= token then return { 0, {} } end
  if not stands(lease) then
    redis.call('UNLINK', l)
    return { 0, {} }
  end
end
begin(fresh)
local expires = now + duration(ARGV[5])
local till = expires + duration(ARGV[6])
local tags, kept = {}, {}
for i = 8, first - 1 do
  local tag = ARGV[i]
  kept[tag] = true
  tags[#tags + 1] = tag
  tags[#tags + 1] = stamp(tag, fresh, till)
end
local block = #tags > 0 and cjson.encode(tags) or ''
local header = 'A\\1' .. codec .. '\\0' .. gen .. struct.pack('>dI4', expires, #block) .. block
for i = first, #ARGV, 2 do
  local key = ARGV[i]
  local v = P .. 'v:' .. key
  forget(key, head(v), kept)
  if lasting(till) then redis.call('SET', v, header .. ARGV[i + 1], 'PX', whole(till - now))
  else redis.call('SET', v, header .. ARGV[i + 1]) end
  redis.call('UNLINK', P .. 'l:' .. key)
  for tag in pairs(kept) do join(tag, key, till, i) end
end
return { 1, wrote }
`,
);

/** Removes an entry and ends its lease. Argument: the key. Returns whether it was alive, and stamps. */
export const DELETE: Script = script(
  "delete",
  `
local key = ARGV[2]
local v = P .. 'v:' .. key
local h = head(v)
local was = alive(h, now) and 1 or 0
forget(key, h, {})
redis.call('UNLINK', v, P .. 'l:' .. key)
return { was, wrote }
`,
);

/**
 * Asks for the lease of a key.
 *
 * Keys: the generation, the entry, the lease. Arguments: prefix, random, token, milliseconds, key, tags.
 * Returns 0 and nothing if there is a live entry, 1 and the stamps written if the lease is had, or 2,
 * who has it and for how long.
 */
export const ENTER: Script = script(
  "enter",
  `
local fresh, token, ms = ARGV[2], ARGV[3], tonumber(ARGV[4])
begin(fresh)
local h = head(KEYS[2])
if alive(h, now) then return { 0, {} } end
local lease = redis.pcall('GET', KEYS[3])
if stands(lease) then return { 2, string.sub(lease, 1, 16), redis.call('PTTL', KEYS[3]) } end
local fences, has = {}, {}
for i = 6, #ARGV do
  has[ARGV[i]] = true
  fences[#fences + 1] = ARGV[i]
  fences[#fences + 1] = stamp(ARGV[i], fresh, now + ms)
end
-- What ends an entry that is kept for its grace ends the load of its successor too.
if h ~= nil and h.gen == gen and hold(h.tags) then
  for i = 1, #h.tags, 2 do
    if not has[h.tags[i]] then
      fences[#fences + 1] = h.tags[i]
      fences[#fences + 1] = h.tags[i + 1]
    end
  end
end
redis.call('SET', KEYS[3], token .. gen .. cjson.encode(fences), 'PX', whole(ms))
redis.call('GET', KEYS[3])
return { 1, wrote }
`,
);

/** Gives a lease back. Arguments: prefix, key, token. */
export const RELEASE: Script = script(
  "release",
  `
local l = P .. 'l:' .. ARGV[2]
local lease = redis.pcall('GET', l)
if type(lease) == 'string' and string.sub(lease, 1, 16) == ARGV[3] then redis.call('UNLINK', l) end
return 0
`,
);

/** Which of the entries are alive. Arguments: prefix, keys. Returns one number for each. */
export const ALIVE: Script = script(
  "keys",
  `
local found = {}
for i = 2, #ARGV do found[i - 1] = alive(head(P .. 'v:' .. ARGV[i]), now) and 1 or 0 end
return found
`,
);

/** Removes what is dead. Arguments: prefix, keys without the prefix. */
export const SWEEP: Script = script(
  "sweep",
  `
for i = 2, #ARGV do
  local kind, rest, key = string.sub(ARGV[i], 1, 2), string.sub(ARGV[i], 3), P .. ARGV[i]
  if kind == 'v:' then
    local h = head(key)
    if h == nil or h.gen ~= gen or not hold(h.tags) then redis.call('UNLINK', key) end
  elseif kind == 's:' then
    local s = redis.pcall('GET', key)
    if type(s) ~= 'string' or gen == nil or string.sub(s, 1, 16) ~= gen then redis.call('UNLINK', key) end
  elseif kind == 'm:' then
    local s = redis.pcall('GET', P .. 's:' .. rest)
    if type(s) ~= 'string' or gen == nil or string.sub(s, 1, 16) ~= gen then redis.call('UNLINK', key) end
  end
end
return 0
`,
);

/**
 * Ends all that carries a tag. Arguments: prefix, random, tag. Returns the stamp that is over and the
 * server's time, or an empty list if nothing carries it.
 */
export const UNTAG: Script = script(
  "deleteByTag",
  `
local s, m = P .. 's:' .. ARGV[3], P .. 'm:' .. ARGV[3]
local found = redis.pcall('GET', s)
redis.call('UNLINK', s)
if type(found) ~= 'string' or gen == nil or string.sub(found, 1, 16) ~= gen then
  redis.call('UNLINK', m)
  return {}
end
if redis.call('EXISTS', m) == 0 then return {} end
redis.call('RENAME', m, P .. 'x:' .. ARGV[2])
redis.call('PEXPIRE', P .. 'x:' .. ARGV[2], DAY)
return { found, string.format('%.3f', now) }
`,
);

/**
 * Removes entries that \`UNTAG\` ended. Arguments: prefix, random, tag, stamp, time, at most how many.
 * Returns how many of them had not expired then, and how many keys are left.
 */
export const UNTAG_BATCH: Script = script(
  "deleteByTag",
  `
local x, tag, over, at = P .. 'x:' .. ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local found = redis.pcall('ZRANGE', x, 0, tonumber(ARGV[6]) - 1)
if found.err or #found == 0 then return { 0, 0 } end
redis.call('ZREMRANGEBYRANK', x, 0, #found - 1)
local removed = 0
for _, key in ipairs(found) do
  local v = P .. 'v:' .. key
  local h = head(v)
  local carries = false
  if h ~= nil then
    for i = 1, #h.tags, 2 do carries = carries or (h.tags[i] == tag and h.tags[i + 1] == over) end
  end
  if carries then
    if h.gen == gen and h.expires > at then removed = removed + 1 end
    forget(key, h, { [tag] = true })
    redis.call('UNLINK', v, P .. 'l:' .. key)
  end
end
return { removed, redis.call('ZCARD', x), wrote }
`,
);
