-- One atomic commit: check everything, then write everything.
--
-- KEYS        every key that the commit reads or writes
-- ARGV[1..n]  the type each key must have if it exists (n = #KEYS)
-- then        the number of checks, and the checks:  what, key number, value
--               absent   the key does not exist; if it does, its value is returned as {'REPLAY', value}
--               fresh    the key does not exist; if it does, {'USED'}
--               version  field `version` of the hash equals value ('0': no such hash), else {'CONFLICT'}
--               same     value is a field's name, a blank, and what that field of the hash holds ('0': no such field),
--                        else {'CONFLICT'}
-- then        the writes:  command, key number, number of arguments, arguments
--               SEQUENCE   INCR the key; its value is the score of every ZADDSEQ that follows
--               ZADDSEQ    ZADD key <sequence> member
--               COUNTDOWN  HINCRBY key remaining -1; unless that gives 0, skip the next <argument> writes
--               any other  the Redis command of that name
--
-- No rule of the business stands here. Nothing is written before every check has passed, types included: a script
-- that stops half-way would leave half a decision.
local keys = #KEYS
for i = 1, keys do
  local found = redis.call('TYPE', KEYS[i]).ok
  if found ~= 'none' and found ~= ARGV[i] then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. found .. ', not a ' .. ARGV[i])
  end
end

local at = keys + 1
local checks = tonumber(ARGV[at])
at = at + 1
for _ = 1, checks do
  local what, key, value = ARGV[at], KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2]
  at = at + 3
  if what == 'absent' then
    local held = redis.call('GET', key)
    if held then return {'REPLAY', held} end
  elseif what == 'fresh' then
    if redis.call('EXISTS', key) == 1 then return {'USED'} end
  elseif what == 'same' then
    local field, held = string.match(value, '^(%S+) (.*)$')
    if (redis.call('HGET', key, field) or '0') ~= held then return {'CONFLICT'} end
  elseif (redis.call('HGET', key, 'version') or '0') ~= value then
    return {'CONFLICT'}
  end
end

-- What could still fail half-way: a command that this user may not run (keys were checked with the call itself), and a
-- counter that holds something else.
local runs, may = {SEQUENCE = 'INCR', ZADDSEQ = 'ZADD', COUNTDOWN = 'HINCRBY'}, {}
local first = at
while at <= #ARGV do
  local command = ARGV[at]
  if not may[command] then
    local key = KEYS[tonumber(ARGV[at + 1])]
    if not redis.acl_check_cmd(runs[command] or command, key) then
      return redis.error_reply('NOPERM this user may not run ' .. (runs[command] or command))
    end
    local counter = '0'
    if command == 'SEQUENCE' then
      counter = redis.call('GET', key) or '0'
    elseif command == 'COUNTDOWN' then
      counter = redis.call('HGET', key, 'remaining') or '0'
    end
    if #counter == 0 or #counter > 15 or string.find(counter, '%D') then
      return redis.error_reply('ERR the counter in ' .. key .. ' is not one')
    end
    may[command] = true
  end
  at = at + 3 + ARGV[at + 2]
end

at = first
local sequence, skip = 0, 0
while at <= #ARGV do
  local command, key, count = ARGV[at], KEYS[tonumber(ARGV[at + 1])], tonumber(ARGV[at + 2])
  if skip > 0 then
    skip = skip - 1
  elseif command == 'SEQUENCE' then
    sequence = redis.call('INCR', key)
  elseif command == 'ZADDSEQ' then
    redis.call('ZADD', key, sequence, ARGV[at + 3])
  elseif command == 'COUNTDOWN' then
    if redis.call('HINCRBY', key, 'remaining', -1) ~= 0 then skip = tonumber(ARGV[at + 3]) end
  else
    redis.call(command, key, unpack(ARGV, at + 3, at + 2 + count))
  end
  at = at + 3 + count
end
return {'OK', sequence}
