# ./dev demo: a whole cluster on loopback, one run, its report; then everything that was started is stopped. Sourced by ./dev.

demo_bin=build/release/bin
demo_pids=()
demo_dir=
demo_next_port=0

# free_port FIRST: sets `port` to FIRST or the next one above that nobody listens on.
free_port() {
  port=$1
  # The programs started a moment ago may not listen yet, so no port is handed out twice.
  if ((port < demo_next_port)); then port=$demo_next_port; fi
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  demo_next_port=$((port + 1))
}

# start NAME COMMAND...: in a session of its own, so that Ctrl-C reaches loadctl first and the run ends in order.
start() {
  local name=$1
  shift
  setsid "$@" >"$demo_dir/$name.log" 2>&1 </dev/null &
  demo_pids+=($!)
}

# wait_until WHAT SECONDS COMMAND...: also ends when a program that we started has died.
wait_until() {
  local what=$1 deadline=$((SECONDS + $2)) pid
  shift 2
  until "$@" >/dev/null 2>&1; do
    for pid in "${demo_pids[@]}"; do
      kill -0 "$pid" 2>/dev/null || demo_gave_up "a program ended before $what"
    done
    ((SECONDS < deadline)) || demo_gave_up "waited in vain: $what"
    sleep 0.1
  done
}

demo_gave_up() {
  tail -n 5 "$demo_dir"/*.log >&2
  die "$1"
}

demo_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

# Agents take part in a run once the master has measured their clocks.
demo_ready() {
  [[ $("$demo_bin/loadctl" --master "$demo_master" agents | grep -cE '^a[12] .* \+-') -eq 2 ]]
}

demo_stop() {
  local pid
  trap '' INT TERM
  # The newest first: agents say goodbye while their master still listens.
  for ((i = ${#demo_pids[@]} - 1; i >= 0; i--)); do
    kill -TERM "${demo_pids[i]}" 2>/dev/null || true
  done
  for pid in "${demo_pids[@]}"; do
    for _ in {1..100}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$demo_dir"
}

demo() {
  local port demo_master demo_target master_http verdict=0
  demo_dir=$(mktemp -d)
  trap demo_stop EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  free_port 7070 && demo_master=127.0.0.1:$port
  free_port 7080 && master_http=127.0.0.1:$port
  start master "$demo_bin/loadmaster" --listen "$demo_master" --http "$master_http" --data "$demo_dir/data"
  local name
  for name in a1 a2; do
    free_port 7090
    start "$name" "$demo_bin/loadagent" --master "$demo_master" --name "$name" --workers 1 --http "127.0.0.1:$port"
  done
  free_port 8080 && demo_target=$port
  start target "$demo_bin/loadctl" target --port "$demo_target"

  wait_until "the target answers" 10 demo_answers "$demo_target"
  wait_until "both agents are ready" 20 demo_ready
  say "master $demo_master (metrics: http://$master_http/metrics), agents a1 and a2, target 127.0.0.1:$demo_target"

  # What an earlier demo left must not pass for this one's.
  rm -f report.json
  # Without a keyboard loadctl does not ask what Ctrl-C means (the cluster ends with the run): it stops the run.
  TARGET=http://127.0.0.1:$demo_target "$demo_bin/loadctl" --master "$demo_master" \
    submit configs/plans/quickstart.yaml --out report.json </dev/null || verdict=$?
  [[ ! -e report.json ]] || say "report.json is written"
  return "$verdict"
}
