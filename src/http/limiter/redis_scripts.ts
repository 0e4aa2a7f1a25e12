/**
 * What Redis is asked to do for a limiter, in Lua. One script is one step that nothing comes between; the arithmetic of
 * windows and holds is that of pure/window.ts and pure/hold.ts.
 *
 * Three keys, in one slot of a cluster, which expire when nothing in them matters any more:
 *
 * - `agent:limiter:{name}` a hash: `c` the limits; `vr` and `vn` the server's time at the last call and the limiter's own
 *   time then, which goes on where the server's is put back; `id` the last number given; of each window (`s`, `r`, `t`)
 *   the slot that has begun, the sum, and the count of each slot by its place; `hr` and `ht` the holds; `p` the end of a
 *   pause; `q` the last place in the queue.
 * - `...:a` the reservations that are neither settled nor released, by the end of their lease.
 * - `...:q` the clients that wait, by their places; `...:w` what each waits for: requests, tokens, and until when it is
 *   believed to wait.
 *
 * Whoever waits has its share kept: others are served only with what is left when all before them have theirs.
 *
 * @module
 */

import { type Script, scriptOf } from "../../cache/distributed/script.ts";

/** Every script: the keys, and the six limits (-1 for none). */
const PRELUDE = `
local K, A, Q, W = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local SLOTS, KEPT, MINUTE = 500, 501, 60000000
local limits = { second = tonumber(ARGV[1]), secondUs = tonumber(ARGV[2]), requests = tonumber(ARGV[3]),
  tokens = tonumber(ARGV[4]), concurrency = tonumber(ARGV[5]), leaseUs = tonumber(ARGV[6]) }
local config = table.concat(ARGV, ' ', 1, 6)

local function text(x) return string.format('%.17g', x) end
local got = redis.call('HMGET', K, 'c', 'vr', 'vn', 'hr', 'ht', 'p')
if got[1] and got[1] ~= config then return { -1, got[1] } end

-- Its own time: the server's, which must not go back.
local t = redis.call('TIME')
local real = t[1] * 1000000 + t[2]
local now = real
if got[2] then now = tonumber(got[3]) + math.max(0, real - tonumber(got[2])) end

local changed = { 'c', config, 'vr', text(real), 'vn', text(now) }
local function set(field, value)
  changed[#changed + 1] = field
  changed[#changed + 1] = value
end

local function window(tag, limit, length)
  if limit < 0 then return nil end
  local slotUs = math.ceil(length / SLOTS)
  local slot = math.floor(now / slotUs)
  local w = redis.call('HMGET', K, tag .. 'l', tag .. 's')
  local last, sum = tonumber(w[1] or slot), tonumber(w[2] or 0)
  if slot > last then
    local steps = math.min(slot - last, KEPT)
    local places = {}
    for at = slot - steps + 1, slot do places[#places + 1] = tag .. at % KEPT end
    for _, count in ipairs(redis.call('HMGET', K, unpack(places))) do
      if count then sum = sum - tonumber(count) end
    end
    redis.call('HDEL', K, unpack(places))
    last = slot
  end
  local self = {}
  function self.room() return limit - sum end
  function self.add(count)
    redis.call('HINCRBY', K, tag .. slot % KEPT, text(count))
    sum = sum + count
  end
  function self.giveBack(count, takenAt)
    local at = math.floor(takenAt / slotUs)
    if at < last - SLOTS then return end
    redis.call('HINCRBY', K, tag .. at % KEPT, text(-count))
    sum = sum - count
  end
  function self.freeAt(count)
    local excess = sum + count - limit
    if excess <= 0 then return 0 end
    local places = {}
    for at = last - SLOTS, last do places[#places + 1] = tag .. at % KEPT end
    for i, here in ipairs(redis.call('HMGET', K, unpack(places))) do
      if here then excess = excess - tonumber(here) end
      if excess <= 0 then return (last - SLOTS + i - 1 + KEPT) * slotUs end
    end
    return (last + KEPT) * slotUs
  end
  function self.save()
    set(tag .. 'l', text(last))
    set(tag .. 's', text(sum))
  end
  return self
end

-- A hold: what is left, its cap, what comes each microsecond, its end, since when, and when that was left.
local function hold(stored)
  if not stored then return nil end
  local h = cjson.decode(stored)
  for i = 1, 6 do h[i] = tonumber(h[i]) end
  if now >= h[4] then return nil end
  h[1] = math.min(h[2], h[1] + h[3] * (now - h[6]))
  h[6] = now
  return h
end
local function holdFreeAt(h, count)
  local missing = math.min(count, h[2]) - h[1]
  if missing <= 0 then return 0 end
  if h[3] <= 0 then return h[4] end
  return math.min(h[4], h[6] + math.ceil(missing / h[3]))
end
local function packed(h)
  local parts = {}
  for i = 1, 6 do parts[i] = text(h[i]) end
  return cjson.encode(parts)
end

local second = window('s', limits.second, limits.secondUs)
local requests = window('r', limits.requests, MINUTE)
local tokens = window('t', limits.tokens, MINUTE)
local requestsHold, tokensHold = hold(got[4]), hold(got[5])
local paused = tonumber(got[6] or 0)
redis.call('ZREMRANGEBYSCORE', A, '-inf', text(now))

local function takeTokens(count)
  if tokens then tokens.add(count) end
  if tokensHold then tokensHold[1] = tokensHold[1] - count end
end
local function giveHold(h, count, takenAt)
  if h and takenAt >= h[5] then h[1] = math.min(h[2], h[1] + count) end
end
local function giveTokensBack(count, takenAt)
  if tokens then tokens.giveBack(count, takenAt) end
  giveHold(tokensHold, count, takenAt)
end

local function done(answer)
  for _, w in ipairs({ second or false, requests or false, tokens or false }) do
    if w then w.save() end
  end
  local till = math.max(now + MINUTE, now + limits.secondUs, paused, now + limits.leaseUs)
  for field, h in pairs({ hr = requestsHold, ht = tokensHold }) do
    set(field, packed(h))
    till = math.max(till, h[4])
  end
  if got[4] and not requestsHold then redis.call('HDEL', K, 'hr') end
  if got[5] and not tokensHold then redis.call('HDEL', K, 'ht') end
  set('p', text(paused))
  redis.call('HSET', K, unpack(changed))
  local ms = text(math.ceil((till - now) / 1000) + 1000)
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ms) end
  return answer
end
`;

function script(body: string): Script {
  return scriptOf(PRELUDE + body);
}

/**
 * Reserves. Arguments: the client, for how long it is believed to wait, and the tokens of each reservation that it
 * wants, in order. Returns how many were given, the first number, the time, and in how many microseconds to ask again.
 */
export const TAKE: Script = script(`
local client, patience = ARGV[7], tonumber(ARGV[8])
local wanted = {}
for i = 9, #ARGV do wanted[#wanted + 1] = tonumber(ARGV[i]) end

-- What is kept for those who came before.
local aheadRequests, aheadTokens = 0, 0
for _, other in ipairs(redis.call('ZRANGE', Q, 0, -1)) do
  if other == client then break end
  local claim = redis.call('HGET', W, other)
  local n, m, till = string.match(claim or '', '^(%S+) (%S+) (%S+)$')
  if till and tonumber(till) > now then
    aheadRequests = aheadRequests + tonumber(n)
    aheadTokens = aheadTokens + tonumber(m)
  else
    redis.call('ZREM', Q, other)
    redis.call('HDEL', W, other)
  end
end

local active = redis.call('ZCARD', A)
local function fits(count)
  local m = aheadTokens + count
  return (limits.concurrency < 0 or active + aheadRequests < limits.concurrency) and paused <= now
    and (not second or second.room() >= aheadRequests + 1)
    and (not requests or requests.room() >= aheadRequests + 1)
    and (not requestsHold or holdFreeAt(requestsHold, aheadRequests + 1) == 0)
    and (count == 0 or ((not tokens or tokens.room() >= m) and (not tokensHold or holdFreeAt(tokensHold, m) == 0)))
end

local given, first = 0, tonumber(redis.call('HGET', K, 'id') or 0) + 1
while given < #wanted and fits(wanted[given + 1]) do
  local count = wanted[given + 1]
  if second then second.add(1) end
  if requests then requests.add(1) end
  if requestsHold then requestsHold[1] = requestsHold[1] - 1 end
  if count > 0 then takeTokens(count) end
  redis.call('ZADD', A, text(now + limits.leaseUs), text(first + given))
  active = active + 1
  given = given + 1
end
if given > 0 then set('id', text(first + given - 1)) end

local wait = 0
if given == #wanted then
  redis.call('ZREM', Q, client)
  redis.call('HDEL', W, client)
else
  local n, m = 0, 0
  for i = given + 1, #wanted do
    n = n + 1
    m = m + wanted[i]
  end
  if not redis.call('ZSCORE', Q, client) then
    redis.call('ZADD', Q, text(redis.call('HINCRBY', K, 'q', 1)), client)
  end
  redis.call('HSET', W, client, text(n) .. ' ' .. text(m) .. ' ' .. text(now + patience))
  local at, count = paused, aheadTokens + wanted[given + 1]
  if limits.concurrency >= 0 and active + aheadRequests >= limits.concurrency then
    local oldest = redis.call('ZRANGE', A, 0, 0, 'WITHSCORES')[2]
    at = math.max(at, tonumber(oldest or now))
  end
  if second then at = math.max(at, second.freeAt(aheadRequests + 1)) end
  if requests then at = math.max(at, requests.freeAt(aheadRequests + 1)) end
  if requestsHold then at = math.max(at, holdFreeAt(requestsHold, aheadRequests + 1)) end
  if wanted[given + 1] > 0 then
    if tokens then at = math.max(at, tokens.freeAt(count)) end
    if tokensHold then at = math.max(at, holdFreeAt(tokensHold, count)) end
  end
  wait = math.max(1, at - now)
end
return done({ given, text(first), text(now), text(wait) })
`);

/** Ends a reservation. Arguments: its number, when it was given, its tokens, and how many it took or -1 if none was made. */
export const END: Script = script(`
local id, at, had, actual = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
if redis.call('ZREM', A, id) == 1 then
  if actual < 0 then
    if second then second.giveBack(1, at) end
    if requests then requests.giveBack(1, at) end
    giveHold(requestsHold, 1, at)
    giveTokensBack(had, at)
  elseif actual > had then
    takeTokens(actual - had)
  elseif actual < had then
    giveTokensBack(had - actual, at)
  end
end
return done({ 0 })
`);

/** A client is gone. Arguments: the client, and the numbers of its reservations, which count as they were estimated. */
export const LEAVE: Script = script(`
redis.call('ZREM', Q, ARGV[7])
redis.call('HDEL', W, ARGV[7])
for i = 8, #ARGV do redis.call('ZREM', A, ARGV[i]) end
return done({ 0 })
`);

/** Takes over what a server said. Arguments: of requests and of tokens what is left, the cap, what comes each microsecond, and for how long; the pause. */
export const OBSERVE: Script = script(`
local function said(from)
  local left = {}
  for i = 0, 3 do left[i + 1] = tonumber(ARGV[from + i]) end
  if left[4] == 0 then return nil end
  return { left[1], left[2], left[3], now + left[4], now, now }
end
requestsHold = said(7) or requestsHold
tokensHold = said(11) or tokensHold
local pause = tonumber(ARGV[15])
if pause > 0 then paused = math.max(paused, now + pause) end
return done({ 0 })
`);

/** What it holds: active, requests and tokens left (empty for no limit), and the pause. */
export const STATS: Script = script(`
local function least(a, b)
  if not a then return b end
  if not b then return a end
  return math.min(a, b)
end
local r = least(least(second and second.room(), requests and requests.room()), requestsHold and requestsHold[1])
local m = least(tokens and tokens.room(), tokensHold and tokensHold[1])
return done({ redis.call('ZCARD', A), r and text(math.floor(r)) or '', m and text(math.floor(m)) or '',
  text(math.max(0, paused - now)) })
`);
