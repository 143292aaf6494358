#!/bin/sh
# run-or-test.sh HOST PLAN COMMAND ARGUMENTS… hillingar:arguments MORE…
# 'dotnet run' and 'dotnet test' (Microsoft.Testing.Platform) ask a project for one and the same command; only a test has a pipe to report to.
host=$1
plan=$2
shift 2
for argument; do
  if [ "$argument" = --dotnet-test-pipe ]; then
    while [ "$1" != hillingar:arguments ]; do shift; done
    shift
    exec "${DOTNET_HOST_PATH:-dotnet}" exec "$host" "$plan" "$@"
  fi
done
if [ -z "$1" ]; then
  echo 'error HIL6007: Say which target to run: dotnet run -p:MirageTarget=TARGET.' >&2
  exit 1
fi
for argument; do
  shift
  [ "$argument" = hillingar:arguments ] || set -- "$@" "$argument"
done
exec "$@"
