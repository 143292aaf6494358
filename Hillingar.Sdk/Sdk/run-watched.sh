#!/bin/sh
# run-watched.sh SOURCES SIGNAL COMMAND ARGUMENTS…
# 'dotnet watch run' takes an edit for hot reload, finds no code of .NET in it, and lets the program run on. So the program ends here when one of the
# files that SOURCES lists has changed, and then SIGNAL changes, which is watched too: 'dotnet watch' builds and starts again.
sources=$1
signal=$2
shift 2
[ "$DOTNET_WATCH" = 1 ] || exec "$@"

began=$(mktemp) || exit 1
trap 'kill "$program" 2>/dev/null' HUP INT TERM
trap 'rm -f "$began"' EXIT
"$@" <&0 &
program=$!

changed() {
  while IFS= read -r source; do
    if [ ! -e "$source" ] || [ "$source" -nt "$began" ]; then return 0; fi
  done <"$sources"
  return 1
}

while kill -0 "$program" 2>/dev/null; do
  if changed; then
    kill "$program" 2>/dev/null
    tries=0
    while kill -0 "$program" 2>/dev/null && [ "$tries" -lt 10 ]; do
      sleep 1
      tries=$((tries + 1))
    done
    kill -KILL "$program" 2>/dev/null
    # Only once this process has gone is a change one that starts the next.
    (sleep 2 && date >"$signal") </dev/null >/dev/null 2>&1 &
    exit 0
  fi
  sleep 1
done
wait "$program"
