-- wrk: the whole cycle. Each opened handoff is decided by the next free connection.
-- args: API key, body file, personal token
function init(args)
  math.randomseed(os.time() * 1000)
  run = math.random(1e9)
  counter, waiting, opened = 0, {}, 0
  local file = io.open(args[2])
  body = file:read("*a")
  file:close()
  opening = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/json" }
  deciding = { ["Authorization"] = "Bearer " .. args[3], ["Content-Type"] = "application/json", ["If-Match"] = '"1"' }
end
function request()
  local item = table.remove(waiting)
  if item then
    local decision = '{"action":"approve","package_digest":"' .. item[2] .. '"}'
    return wrk.format("POST", "/v1/handoffs/" .. item[1] .. "/decision", deciding, decision)
  end
  counter = counter + 1
  opening["Idempotency-Key"] = run .. "-" .. counter
  return wrk.format("POST", "/v1/handoffs", opening, body)
end
function response(status, headers, answer)
  if status == 201 then
    table.insert(waiting, { answer:match('"id":"(ho_[0-9a-z]+)"'), answer:match('"package_digest":"(sha256:[0-9a-f]+)"') })
  elseif status ~= 200 then
    failed = (failed or 0) + 1
    if failed < 4 then io.stderr:write(status, " ", answer, "\n") end
  end
end
