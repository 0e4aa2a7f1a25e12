-- A question as a client of OpenAI asks it; its body and its field with the token are arguments.
function init(args)
  wrk.method = "POST"
  wrk.body = args[1]
  wrk.headers["content-type"] = "application/json"
  wrk.headers["authorization"] = args[2]
end
