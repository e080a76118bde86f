# What ci/run is written in: a step passes or fails as a whole, checks and tests are counted one by one.
# Every outcome is a line in a file, since lanes run in processes of their own.
export TURBO_TELEMETRY_DISABLED=1 FORCE_COLOR=0
# ccache: the Kafka client is compiled for two versions of Node, and most of it knows neither.
# Where Go is put on a machine that has none, or an old one.
export CI_GO="${XDG_CACHE_HOME:-${TMPDIR:-/tmp}}/kafka-http-proxy/go"
export PATH="/usr/lib/ccache:$CI_GO/bin:$PATH" CCACHE_NOHASHDIR=1

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
outcomes=$reports/outcomes   # "passed failed", a line a step
failures=$reports/failures   # what failed, said once more at the end: the log of a whole run is long
times=$reports/times
touch "$outcomes" "$failures" "$times"
lane=''

say() { printf '\n== %s%s (%s)\n' "${lane:+[$lane] }" "$1" "$(date -u +%H:%M:%S)"; }
count() { echo "$1 $2" >>"$outcomes"; }
fail() { echo "FAILED: $1" | tee -a "$failures"; }

# run NAME COMMAND …: shows what it writes, at once or, in a lane, when it has ended; leaves it in $log.
run() {
  local name=$1 status begun=$SECONDS
  shift
  log=$reports/$(echo "$name" | tr -c 'a-zA-Z0-9\n' -).log
  say "$name"
  if [ -z "$lane" ]; then
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
  else
    "$@" >"$log" 2>&1
    status=$?
    { say "end of $name" && cat "$log"; } >"$log.shown"
    cat "$log.shown"
  fi
  printf '%5d s  %s\n' $((SECONDS - begun)) "$name" >>"$times"
  return "$status"
}

step() {
  if run "$@"; then count 1 0; else
    count 0 1
    fail "$1"
  fi
}

# A driver that ends with "N passed, N failed", behind which pnpm may say that it failed.
checks() {
  run "$@"
  grep '^FAILED' "$log" >>"$failures"
  if [[ $(grep -E '^[0-9]+ passed, [0-9]+ failed' <(tail -n 3 "$log") | tail -n 1) =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    count "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  else
    count 0 1
    fail "$1 did not count its checks"
  fi
}

# A run of vitest; one without a report counts as one failure.
tests() {
  local report status
  report=$reports/$(echo "$1" | tr -c 'a-zA-Z0-9\n' -).json
  KHP_REPORT=$report run "$@"
  status=$?
  node ci/count-tests.mjs "$report" "$status" "$1" "$failures" >>"$outcomes"
}

# side_by_side LANE …: functions that list steps. Waits for all.
side_by_side() {
  local pids=()
  for lane in "$@"; do
    "$lane" &
    pids+=($!)
  done
  lane=''
  wait "${pids[@]}"
}

summary() {
  local passed failed
  say 'how long each step took'
  cat "$times"
  node ci/slowest-files.mjs "$reports"
  if [ -s "$failures" ]; then
    say 'what failed'
    cat "$failures"
  fi
  read -r passed failed < <(awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }' "$outcomes")
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
