-- wrk: open handoffs, each under its own Idempotency-Key. args: API key, body file, callback URL or "-"
local thread_number = 0
function setup(thread)
  thread:set("id", thread_number)
  thread_number = thread_number + 1
end
function init(args)
  math.randomseed(os.time() * 1000 + id)
  run = math.random(1e9)
  counter = 0
  local file = io.open(args[2])
  body = file:read("*a")
  file:close()
  headers = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/json" }
end
function request()
  counter = counter + 1
  headers["Idempotency-Key"] = run .. "-" .. id .. "-" .. counter
  return wrk.format("POST", nil, headers, body)
end
