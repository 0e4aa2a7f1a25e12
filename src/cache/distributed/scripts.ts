/**
 * What Redis does in one step for the distributed cache, in Lua. The layout is in script_prelude.ts.
 *
 * @module
 */

import type { Script } from "./script.ts";
import { script } from "./script_prelude.ts";

/**
 * Stores entries, each in the place of an older one, and ends the leases of their keys.
 *
 * Arguments: prefix, random, lease token or "", codec, ttl, grace (negative: for ever), number of tags,
 * tags, then key and value of each entry. With a token nothing is stored unless the lease stands. With
 * "k" before the ttl, an entry that is alive keeps its end and its grace.
 * Returns whether it was stored and the tags whose stamps were written.
 */
export const SET: Script = script(`
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
local keep = string.sub(ARGV[5], 1, 1) == 'k'
local expires = now + duration(keep and string.sub(ARGV[5], 2) or ARGV[5])
local till = expires + duration(ARGV[6])
local tags, kept = {}, {}
for i = 8, first - 1 do
  local tag = ARGV[i]
  kept[tag] = true
  tags[#tags + 1] = tag
  tags[#tags + 1] = stamp(tag, fresh, till)
end
local block = #tags > 0 and cjson.encode(tags) or ''
local function header(ends)
  return 'A\\1' .. codec .. '\\0' .. gen .. struct.pack('>dI4', ends, #block) .. block
end
local fresh_header = header(expires)
for i = first, #ARGV, 2 do
  local key = ARGV[i]
  local v = P .. 'v:' .. key
  local h = head(v)
  local begins, upto = fresh_header, till
  if keep and alive(h, now) then
    begins, upto = header(h.expires), kept_till(v)
    for tag in pairs(kept) do stamp(tag, fresh, upto) end
  end
  forget(key, h, kept)
  if lasting(upto) then redis.call('SET', v, begins .. ARGV[i + 1], 'PX', whole(upto - now))
  else redis.call('SET', v, begins .. ARGV[i + 1]) end
  redis.call('UNLINK', P .. 'l:' .. key)
  for tag in pairs(kept) do join(tag, key, upto, i) end
end
return { 1, wrote }
`);

/**
 * Gives an entry another end. Arguments: prefix, key, ttl, grace of an entry that had no end (negative:
 * for ever). Returns whether it was alive, and the tags whose stamps were written.
 */
export const EXPIRE: Script = script(`
local key = ARGV[2]
local v = P .. 'v:' .. key
local h = head(v)
if not alive(h, now) then return { 0, {} } end
local grace = duration(ARGV[4])
if h.expires < EVER then grace = math.max(0, kept_till(v) - h.expires) end
local expires = now + duration(ARGV[3])
local till = expires + grace
for i = 1, #h.tags, 2 do stamp(h.tags[i], '', till) end
redis.call('SETRANGE', v, 20, struct.pack('>d', expires))
if lasting(till) then redis.call('PEXPIRE', v, whole(till - now)) else redis.call('PERSIST', v) end
for i = 1, #h.tags, 2 do join(h.tags[i], key, till, i) end
return { 1, wrote }
`);

/** Removes an entry and ends its lease. Argument: the key. Returns whether it was alive, and stamps. */
export const DELETE: Script = script(`
local key = ARGV[2]
local v = P .. 'v:' .. key
local h = head(v)
local was = alive(h, now) and 1 or 0
forget(key, h, {})
redis.call('UNLINK', v, P .. 'l:' .. key)
return { was, wrote }
`);

/**
 * Asks for the lease of a key.
 *
 * Keys: the generation, the entry, the lease. Arguments: prefix, random, token, milliseconds, key, tags.
 * Returns 0 and nothing if there is a live entry, 1 and the stamps written if the lease is had, or 2,
 * who has it and for how long.
 */
export const ACQUIRE: Script = script(`
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
`);

/** Gives a lease back. Arguments: prefix, key, token. */
export const RELEASE: Script = script(`
local l = P .. 'l:' .. ARGV[2]
local lease = redis.pcall('GET', l)
if type(lease) == 'string' and string.sub(lease, 1, 16) == ARGV[3] then redis.call('UNLINK', l) end
return 0
`);

/** Which of the entries are alive. Arguments: prefix, keys. Returns one number for each. */
export const ALIVE: Script = script(`
local found = {}
for i = 2, #ARGV do found[i - 1] = alive(head(P .. 'v:' .. ARGV[i]), now) and 1 or 0 end
return found
`);

/** Removes what is dead. Arguments: prefix, keys without the prefix. */
export const SWEEP: Script = script(`
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
`);

/**
 * Ends all that carries a tag. Arguments: prefix, random, tag. Returns the stamp that is over and the
 * server's time, or an empty list if nothing carries it.
 */
export const UNTAG: Script = script(`
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
`);

/**
 * Removes entries that \`UNTAG\` ended. Arguments: prefix, random, tag, stamp, time, at most how many.
 * Returns how many of them had not expired then, and how many keys are left.
 */
export const UNTAG_BATCH: Script = script(`
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
`);
