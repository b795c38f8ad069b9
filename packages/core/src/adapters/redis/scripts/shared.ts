/** What scripts share: scores and moments, and whether the index of a monitor is that of its `results`. */
export const SHARED = `
local function ms_of(score)
  -- What is no time at all must not make anybody walk through a million days.
  local n = math.max(0, math.min(4e12, tonumber(score)))
  if n > 1e11 then return math.floor(n) end
  return math.floor(n * 1000 + 0.0005)
end
local function seconds_text(ms) return string.format('%.3f', ms / 1000) end
-- Scores of this set are in milliseconds when an earlier deployment wrote them so.
local function score_text(key, ms)
  local top = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
  if top[2] and tonumber(top[2]) > 1e11 then return string.format('%.0f', ms) end
  return seconds_text(ms)
end
local function is_in_sync(results, index)
  local count, first, last = 0, nil, nil
  for _, key in ipairs(index) do
    local n = redis.call('ZCARD', key)
    if n > 0 then
      count = count + n
      local low = ms_of(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
      local high = ms_of(redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2])
      if not first or low < first then first = low end
      if not last or high > last then last = high end
    end
  end
  if redis.call('ZCARD', results) ~= count then return false end
  if count == 0 then return true end
  return ms_of(redis.call('ZRANGE', results, 0, 0, 'WITHSCORES')[2]) == first
    and ms_of(redis.call('ZREVRANGE', results, 0, 0, 'WITHSCORES')[2]) == last
end
`;
