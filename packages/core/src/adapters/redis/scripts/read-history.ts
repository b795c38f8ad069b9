import { script } from '../connection.ts';
import { SHARED } from './shared.ts';

/**
 * Reads a page of a sorted set, newest first, with every member that shares the score of its first or last: the caller puts those in
 * order and cuts. Keys: the set, runs. Arguments: limit, offset, `before` (ms or '') and its run id, `from` and `to` (ms or ''),
 * `index` when the set is of the index. Answers how many the set holds, how many of the range are newer than the first answered, and members with scores.
 */
export const READ_PAGE = script(`${SHARED}
local key, runs = KEYS[1], KEYS[2]
local limit, offset, before, before_id, from, to = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local card = redis.call('ZCARD', key)
local low, high = '-inf', '+inf'
if from ~= '' then low = score_text(key, tonumber(from)) end
if to ~= '' then high = '(' .. score_text(key, tonumber(to)) end
if before ~= '' then
  local known = redis.call('HGET', runs, before_id)
  local score = known and string.match(known, '^%S+')
  -- An id that was given twice leads to one of its runs only; a start told without its zone is off by hours, not by days.
  if not score or math.abs(ms_of(score) - tonumber(before)) > 86400000 then score = score_text(key, tonumber(before)) end
  if ARGV[7] == 'index' then score = seconds_text(ms_of(score)) end
  high = score
  offset = 0
  limit = limit + redis.call('ZCOUNT', key, score, score)
end
local first = redis.call('ZREVRANGEBYSCORE', key, high, low, 'WITHSCORES', 'LIMIT', offset, 1)
if not first[1] then return { card, 0, {} } end
local last = redis.call('ZREVRANGEBYSCORE', key, high, low, 'WITHSCORES', 'LIMIT', offset + limit - 1, 1)
if not last[1] then last = redis.call('ZRANGEBYSCORE', key, low, high, 'WITHSCORES', 'LIMIT', 0, 1) end
local newer = redis.call('ZCOUNT', key, '(' .. first[2], high)
return { card, newer, redis.call('ZREVRANGEBYSCORE', key, first[2], last[2], 'WITHSCORES') }
`);

/** Members of `results` among which the runs asked for are. Keys: results, runs. Arguments: run ids. Answers id, member, score … */
export const FIND_RUNS = script(`
local out = {}
for _, id in ipairs(ARGV) do
  local known = redis.call('HGET', KEYS[2], id)
  if known then
    local score = string.match(known, '^%S+')
    local members = redis.call('ZRANGEBYSCORE', KEYS[1], score, score)
    for _, member in ipairs(members) do
      if string.sub(id, 1, 8) == 'earlier-' or string.find(member, id, 1, true) then
        out[#out + 1] = id
        out[#out + 1] = member
        out[#out + 1] = score
      end
    end
  end
end
return out
`);

/**
 * Counts the runs of [from, to) from whole days, hours and 5 minutes, and run by run at the edges. Keys: results, passed, failed,
 * ignored, runs, rollup. Arguments: from, to (ms). Answers total, passed, degraded, flaky, sum of durations; or false when the index
 * is not that of the results.
 */
export const COUNT_RUNS = script(`${SHARED}
local results, passed, failed, ignored, runs, rollup = unpack(KEYS)
if not is_in_sync(results, { passed, failed, ignored }) then return false end
local at, to = tonumber(ARGV[1]), tonumber(ARGV[2])
local sums = { 0, 0, 0, 0, 0 }
local minutes_floor = tonumber(redis.call('HGET', rollup, 'minutes_floor') or '-1')
local sizes = { { 'd', 86400000 }, { 'h', 3600000 }, { 'm', 300000 } }
local fields = {}
local function add_runs(from, to)
  for _, key in ipairs({ passed, failed }) do
    local ids = redis.call('ZRANGEBYSCORE', key, seconds_text(from), '(' .. seconds_text(to))
    for _, id in ipairs(ids) do
      local score, ok, degraded, flaky, duration = string.match(redis.call('HGET', runs, id) or '0 0 0 0 0', '^(%S+) (%d) (%d) (%d) (%d+)')
      sums[1] = sums[1] + 1
      sums[2] = sums[2] + tonumber(ok)
      sums[3] = sums[3] + tonumber(degraded)
      sums[4] = sums[4] + tonumber(flaky)
      sums[5] = sums[5] + tonumber(duration)
    end
  end
end
while at < to do
  local next_at = nil
  for _, size in ipairs(sizes) do
    if at % size[2] == 0 and at + size[2] <= to and (size[1] ~= 'm' or at >= minutes_floor) then
      fields[#fields + 1] = size[1] .. string.format('%.0f', at / 1000)
      next_at = at + size[2]
      break
    end
  end
  if not next_at then
    local step = at >= minutes_floor and 300000 or 3600000
    next_at = math.min(to, (math.floor(at / step) + 1) * step)
    add_runs(at, next_at)
  end
  at = next_at
end
for start = 1, #fields, 500 do
  local values = redis.call('HMGET', rollup, unpack(fields, start, math.min(start + 499, #fields)))
  for _, value in ipairs(values) do
    if value then
      local i = 1
      for part in string.gmatch(value, '%S+') do
        if i <= 5 then sums[i] = sums[i] + tonumber(part) end
        i = i + 1
      end
    end
  end
end
return sums
`);

/** Whether the index is that of the results. Keys: results, passed, failed, ignored. */
export const CHECK_INDEX = script(`${SHARED}
return is_in_sync(KEYS[1], { KEYS[2], KEYS[3], KEYS[4] }) and 1 or 0
`);
