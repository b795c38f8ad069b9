import { script } from '../connection.ts';
import { SHARED } from './shared.ts';

/**
 * Records one run in all of its keys, or nothing when it is known. Keys: results, timing, incidents, events, test, passed, failed,
 * runs, rollup, told. Arguments: run id, start (ms), record, duration, passed, degraded, flaky (1 or 0), class, incident or '',
 * result, start (text), most incidents, most events, then the fields of the event, if there is one. Answers 1 when it is new.
 */
export const RECORD_RUN = script(`${SHARED}
local results, timing, incidents, events, test, passed, failed, runs, rollup, told = unpack(KEYS)
local id, at, record, duration = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local is_passed, is_degraded, is_flaky, class = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local incident, result, started_at, most_incidents, most_events = ARGV[9], ARGV[10], ARGV[11], tonumber(ARGV[12]), tonumber(ARGV[13])
if redis.call('HEXISTS', runs, id) == 1 then return 0 end

local score = score_text(results, at)
redis.call('ZADD', results, score, record)
redis.call('ZADD', timing, score_text(timing, at), ARGV[4] .. ':' .. id)
redis.call('ZADD', is_passed == 1 and passed or failed, seconds_text(at), id)
redis.call('HSET', runs, id, table.concat({ score, ARGV[5], ARGV[6], ARGV[7], ARGV[4] }, ' '))

local function add_bucket(prefix, size)
  local field = prefix .. string.format('%.0f', math.floor(at / (size * 1000)) * size)
  local sums = { 0, 0, 0, 0, 0, duration, duration }
  local known = redis.call('HGET', rollup, field)
  if known then
    local i = 1
    for part in string.gmatch(known, '%S+') do sums[i] = tonumber(part); i = i + 1 end
  end
  sums = { sums[1] + 1, sums[2] + is_passed, sums[3] + is_degraded, sums[4] + is_flaky, sums[5] + duration,
    math.min(sums[6], duration), math.max(sums[7], duration) }
  for i, value in ipairs(sums) do sums[i] = string.format('%.0f', value) end
  redis.call('HSET', rollup, field, table.concat(sums, ' '))
end
local function add_class(prefix, size)
  local field = prefix .. string.format('%.0f', math.floor(at / (size * 1000)) * size)
  local parts, found = {}, false
  for known, count in string.gmatch(redis.call('HGET', rollup, field) or '', '(%d+):(%d+)') do
    if known == class then count = string.format('%.0f', tonumber(count) + 1); found = true end
    parts[#parts + 1] = known .. ':' .. count
  end
  if not found then parts[#parts + 1] = class .. ':1' end
  redis.call('HSET', rollup, field, table.concat(parts, ' '))
end
add_bucket('d', 86400)
add_bucket('h', 3600)
local minutes_floor = tonumber(redis.call('HGET', rollup, 'minutes_floor') or '-1')
if at >= minutes_floor then add_bucket('m', 300) end
add_class('D', 86400)
add_class('H', 3600)

-- Text of a time in a form that sorts, whatever wrote it: without zone, with or without fractions.
local function sortable(text)
  if type(text) ~= 'string' then return '' end
  local fraction = string.match(text, '^[^.]*%.(%d+)') or ''
  return string.sub(text, 1, 19) .. '.' .. string.sub(fraction .. '000', 1, 3)
end
if incident ~= '' then
  local place, pivot = 0, nil
  while true do
    pivot = redis.call('LINDEX', incidents, place)
    if not pivot then break end
    local is_read, other = pcall(cjson.decode, pivot)
    local key = (is_read and type(other) == 'table') and sortable(other.started_at) or ''
    local own = sortable(started_at)
    if key < own or (key == own and tostring(other.run_id) < id) then break end
    place = place + 1
  end
  if place == 0 then redis.call('LPUSH', incidents, incident)
  elseif pivot then redis.call('LINSERT', incidents, 'BEFORE', pivot, incident)
  else redis.call('RPUSH', incidents, incident) end
  redis.call('LTRIM', incidents, 0, most_incidents - 1)
end

local last = redis.call('HMGET', test, 'last_run_at', 'last_run_id')
local before = sortable(last[1] or '')
if before < sortable(started_at) or (before == sortable(started_at) and (last[2] or '') < id) then
  redis.call('HSET', test, 'last_result', result, 'last_run_at', started_at, 'last_run_id', id)
end

local fields = {}
for i = 14, #ARGV do fields[#fields + 1] = ARGV[i] end
if #fields > 0 then redis.call('XADD', events, '*', unpack(fields)) end
local excess = redis.call('XLEN', events) - most_events
if excess > 0 then
  local oldest = redis.call('XRANGE', events, '-', '+', 'COUNT', excess)
  redis.call('HSET', rollup, 'events_floor', oldest[#oldest][1])
  redis.call('XTRIM', events, 'MAXLEN', most_events)
end
redis.call('HDEL', told, id)
return 1
`);
