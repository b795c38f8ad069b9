import { script } from '../connection.ts';

/**
 * Appends a chunk of events, once by its epoch and number, unless its run is over. Keys: events, told, runs, rollup. Arguments: run id,
 * epoch, number, most events, then per event: number of its arguments, fields and values. Answers 1 when it is new.
 */
export const APPEND_CHUNK = script(`
local events, told, runs, rollup = unpack(KEYS)
local id, epoch, seq, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if redis.call('HEXISTS', runs, id) == 1 then return 0 end
local known_epoch, known_seq = string.match(redis.call('HGET', told, id) or '-1 -1', '^(%S+) (%S+)$')
known_epoch, known_seq = tonumber(known_epoch), tonumber(known_seq)
if epoch < known_epoch or (epoch == known_epoch and seq <= known_seq) then return 0 end
local at = 5
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  redis.call('XADD', events, '*', unpack(ARGV, at + 1, at + count))
  at = at + count + 1
end
redis.call('HSET', told, id, ARGV[2] .. ' ' .. ARGV[3])
redis.call('EXPIRE', told, 604800)
local excess = redis.call('XLEN', events) - most
if excess > 0 then
  local oldest = redis.call('XRANGE', events, '-', '+', 'COUNT', excess)
  redis.call('HSET', rollup, 'events_floor', oldest[#oldest][1])
  redis.call('XTRIM', events, 'MAXLEN', most)
end
return 1
`);

/**
 * Where a reader begins. Keys: events, rollup. Arguments: the id it was last told, or ''; how many to replay without one. Answers the
 * id to read after, and 1 when events between were lost.
 */
export const STAND = script(`
local asked, replay = ARGV[1], tonumber(ARGV[2])
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local head = newest[1] and newest[1][1] or (redis.call('HGET', KEYS[2], 'events_floor') or '0-0')
if asked == '' then
  local found = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', replay + 1)
  if #found <= replay then return { '0-0', 0 } end
  return { found[#found][1], 0 }
end
if redis.call('HGET', KEYS[2], 'events_floor') == asked then return { asked, 0 } end
if string.match(asked, '^%d+%-%d+$') and #asked <= 40 then
  local there = redis.pcall('XRANGE', KEYS[1], asked, asked)
  if there and not there.err and there[1] then return { asked, 0 } end
end
return { head, 1 }
`);

/** The next events after an id. Keys: events, rollup. Arguments: id, most. Answers the last id trimmed away, and events. */
export const READ_AFTER = script(`
return { redis.call('HGET', KEYS[2], 'events_floor') or '', redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2]) }
`);
