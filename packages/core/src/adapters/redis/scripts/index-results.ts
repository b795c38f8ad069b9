import { script } from '../connection.ts';
import { SHARED } from './shared.ts';

/**
 * The UTC days (ms) on which the index is not that of the results; when each day agrees in number, the first and the last.
 * Keys: results, passed, failed, ignored.
 */
export const FIND_STALE_DAYS = script(`${SHARED}
local DAY = 86400000
local results, index = KEYS[1], { KEYS[2], KEYS[3], KEYS[4] }
local first, last = nil, nil
for _, key in ipairs(KEYS) do
  if redis.call('ZCARD', key) > 0 then
    local low = ms_of(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
    local high = ms_of(redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2])
    if not first or low < first then first = low end
    if not last or high > last then last = high end
  end
end
if not first then return {} end
first = math.floor(first / DAY) * DAY
last = math.floor(last / DAY) * DAY
local days = {}
for day = first, last, DAY do
  local wanted = redis.call('ZCOUNT', results, score_text(results, day), '(' .. score_text(results, day + DAY))
  local known = 0
  for _, key in ipairs(index) do known = known + redis.call('ZCOUNT', key, seconds_text(day), '(' .. seconds_text(day + DAY)) end
  if wanted ~= known then days[#days + 1] = day end
end
if #days == 0 then
  days[1] = first
  if last ~= first then days[2] = last end
end
return days
`);

/** Members of `results` of one day, with scores. Keys: results. Arguments: day (ms). */
export const READ_DAY = script(`${SHARED}
local day = tonumber(ARGV[1])
return redis.call('ZRANGEBYSCORE', KEYS[1], score_text(KEYS[1], day), '(' .. score_text(KEYS[1], day + 86400000), 'WITHSCORES')
`);

/**
 * Replaces the index of one day, if the results still are as many as were read. Keys: results, passed, failed, ignored, runs, rollup.
 * Arguments: day (ms), how many were read, number of runs, then per run: set (2 passed, 3 failed, 4 ignored), id, score, flags and
 * duration; then fields and values of the roll-up. Answers 1, or 0 when it must be read again.
 */
export const REPLACE_DAY = script(`${SHARED}
local DAY = 86400000
local results, runs, rollup = KEYS[1], KEYS[5], KEYS[6]
local day, read, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if redis.call('ZCOUNT', results, score_text(results, day), '(' .. score_text(results, day + DAY)) ~= read then return 0 end
for i = 2, 4 do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], seconds_text(day), '(' .. seconds_text(day + DAY))) do
    redis.call('HDEL', runs, id)
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[i], seconds_text(day), '(' .. seconds_text(day + DAY))
end
local at = 4
for _ = 1, count do
  local set, id, score, flags = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if set < 4 and redis.call('HEXISTS', runs, id) == 1 then
    -- The same run on another day, too.
    set, id = 4, id .. ' ' .. score
  end
  redis.call('ZADD', KEYS[set], seconds_text(ms_of(score)), id)
  if set < 4 then redis.call('HSET', runs, id, score .. ' ' .. flags) end
  at = at + 4
end
-- Where records of the day were trimmed away, the counts know more than what is left.
local floor = tonumber(redis.call('HGET', rollup, 'floor') or '-1')
if floor >= day then return 1 end
local seconds = day / 1000
local stale = { 'd' .. string.format('%.0f', seconds), 'D' .. string.format('%.0f', seconds) }
for hour = 0, 23 do
  stale[#stale + 1] = 'h' .. string.format('%.0f', seconds + hour * 3600)
  stale[#stale + 1] = 'H' .. string.format('%.0f', seconds + hour * 3600)
end
for minute = 0, 287 do stale[#stale + 1] = 'm' .. string.format('%.0f', seconds + minute * 300) end
redis.call('HDEL', rollup, unpack(stale))
local minutes_floor = tonumber(redis.call('HGET', rollup, 'minutes_floor') or '-1')
while at < #ARGV do
  if day >= minutes_floor or string.sub(ARGV[at], 1, 1) ~= 'm' then redis.call('HSET', rollup, ARGV[at], ARGV[at + 1]) end
  at = at + 2
end
return 1
`);

/**
 * Removes what is too old or too much, oldest first, at most `batch` runs. Keys: results, timing, incidents, passed, failed, ignored,
 * runs, rollup. Arguments: days to keep runs, most runs, days to keep incidents, days to keep 5-minute, hour and day counts, batch.
 * Answers how many runs went. Nothing goes before it is counted.
 */
export const TRIM = script(`${SHARED}
local DAY = 86400000
local results, timing, incidents, passed, failed, ignored, runs, rollup = unpack(KEYS)
local keep, most, keep_incidents, minutes, hours, days, batch = unpack(ARGV)
if not is_in_sync(results, { passed, failed, ignored }) then return 0 end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local today = math.floor(now / DAY) * DAY

local old = redis.call('ZRANGEBYSCORE', results, '-inf', '(' .. score_text(results, now - keep * DAY), 'WITHSCORES', 'LIMIT', 0, batch)
local excess = math.min(redis.call('ZCARD', results) - most, batch)
if excess > #old / 2 then old = redis.call('ZRANGE', results, 0, excess - 1, 'WITHSCORES') end
local gone = 0
if #old > 0 then
  local bound = ms_of(old[#old])
  for _, key in ipairs({ passed, failed, ignored }) do
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', seconds_text(bound))) do redis.call('HDEL', runs, id) end
    gone = gone + redis.call('ZREMRANGEBYSCORE', key, '-inf', seconds_text(bound))
  end
  redis.call('ZREMRANGEBYSCORE', results, '-inf', '(' .. score_text(results, bound + 1))
  redis.call('ZREMRANGEBYSCORE', timing, '-inf', '(' .. score_text(timing, bound + 1))
  redis.call('HSET', rollup, 'floor', string.format('%.0f', bound))
end

for _ = 1, batch do
  local last = redis.call('LINDEX', incidents, -1)
  if not last then break end
  local is_read, entry = pcall(cjson.decode, last)
  local text = is_read and type(entry) == 'table' and entry.started_at or nil
  local year, month, date = string.match(type(text) == 'string' and text or '', '^(%d%d%d%d)-(%d%d)-(%d%d)')
  if not year then break end
  -- Days since 1970 of a civil date, counted in years that begin in March.
  local y, m = tonumber(year), tonumber(month)
  if m <= 2 then y = y - 1; m = m + 9 else m = m - 3 end
  local day = 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) + math.floor((153 * m + 2) / 5) + tonumber(date) - 719469
  if day * DAY >= today - keep_incidents * DAY then break end
  redis.call('RPOP', incidents)
end

local done = tonumber(redis.call('HGET', rollup, 'trimmed_day') or '-1')
if done < today then
  local floors = { m = today - minutes * DAY, h = today - hours * DAY, d = today - days * DAY }
  floors.H, floors.D = floors.h, floors.d
  for _, field in ipairs(redis.call('HKEYS', rollup)) do
    local prefix, seconds = string.match(field, '^([mhdHD])(%d+)$')
    if prefix and tonumber(seconds) * 1000 < floors[prefix] then redis.call('HDEL', rollup, field) end
  end
  redis.call('HSET', rollup, 'trimmed_day', string.format('%.0f', today))
  redis.call('HSET', rollup, 'minutes_floor', string.format('%.0f', floors.m))
end
return gone
`);
