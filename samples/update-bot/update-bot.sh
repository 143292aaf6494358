#!/usr/bin/env bash
# Takes the newest versions of what a unikernel depends on, builds and boots the result, and leaves the new lock, a title and a text in a folder.
# It runs what strangers wrote, so call it in a job that may do nothing but read; push.sh, in a job of its own, makes a branch of what is in the
# folder. Needs git, dotnet and, to boot an image that is none of unix, its tender. Copy both into your repository.
set -euo pipefail

usage() {
  cat <<'END'
update-bot.sh --project FILE [OPTION]…

  --project FILE      the project of Hillingar.Sdk, relative to the repository's root
  --package NAME      update this package only, and what must follow; may be repeated
  --run ARGUMENTS     boot the image with these arguments, separated by spaces
  --check COMMAND     ask it: the image is good when this succeeds within --patience seconds
  --patience SECONDS  30
  --output FOLDER     where lock, title.txt, body.md, summary.md and the publications go (a new folder)

The commit that is checked out is updated; nothing is committed, and nothing is pushed.
END
}

# What is printed here may hold what strangers wrote. GitHub's runner is told to look for no commands in it; Azure's finds "##vso[" anywhere, with or
# without characters in it that nobody sees, so no two '#' stay together. A terminal gets no control characters.
token=''
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$token"
fi
plain() { LC_ALL=C sed -u -e 's/#\([^[:print:][:space:]]*\)#/# \1#/g; s/#\([^[:print:][:space:]]*\)#/# \1#/g; s/[\x00-\x08\x0b-\x1f\x7f]/?/g'; }
exec 3>&1 > >(plain) 2>&1
printer=$!
# What tells the runner something is no business of what is built.
outputs=${GITHUB_OUTPUT:-} page=${GITHUB_STEP_SUMMARY:-}
unset GITHUB_OUTPUT GITHUB_STEP_SUMMARY GITHUB_ENV GITHUB_PATH GITHUB_STATE
dotnet() { command dotnet "$@" 3>&-; }
leave() {
  # All that was printed is out before the runner looks for commands again; what still runs and holds the output is not waited for.
  exec >&- 2>&-
  for _ in $(seq 50); do
    kill -0 "$printer" 2>/dev/null || break
    sleep 0.1
  done
  kill "$printer" 2>/dev/null || true
  [ -z "$token" ] || echo "::$token::" >&3
}
trap leave EXIT

fail() { echo "update-bot: $*"; exit 1; }
number() { [[ $2 =~ ^[0-9]{1,6}$ ]] || fail "$1 is '$2', and no number"; }

project='' packages='' boot=no arguments='' check='' patience=30 output=''
while [ $# -gt 0 ]; do
  case $1 in
    --project|--check|--patience|--output)
      [ $# -ge 2 ] || fail "$1 needs a value"
      printf -v "${1#--}" %s "$2"; shift 2 ;;
    --package)
      [ $# -ge 2 ] || fail "$1 needs a value"
      [[ $2 =~ ^[A-Za-z0-9_+-]+$ ]] || fail "'$2' is no package"
      packages="$packages${packages:+%3B}$2"; shift 2 ;;
    --run) [ $# -ge 2 ] || fail "$1 needs a value"; boot=yes arguments=$2; shift 2 ;;
    --help) usage; exit ;;
    *) usage; fail "there is no option $1" ;;
  esac
done
[ -n "$project" ] || { usage; fail "--project is missing"; }
[[ $project =~ ^[A-Za-z0-9_.+][A-Za-z0-9_./+\ -]*$ && ! $project =~ (^|/)\.\.(/|$) ]] || fail "'$project' is no path below the repository's root: letters, digits, spaces, '_', '.', '+' and '-'"
number --patience "$patience"
[ -z "$check" ] || boot=yes
name=$(basename "${project%.*}")
output=$(mkdir -p -- "${output:=$(mktemp -d)}" && cd -- "$output" && pwd)

root=$PWD
base=$(git rev-parse --verify 'HEAD^{commit}')
# A tree of its own: what is checked out stays as it is, and no stray file counts.
tree=$(mktemp -d)
unikernel=''
clean() {
  [ -z "$unikernel" ] || stop
  cd "$root"
  git worktree remove --force "$tree" 2>/dev/null || rm -rf "$tree"
  leave
}
stop() {
  kill "$unikernel" 2>/dev/null || true
  wait "$unikernel" 2>/dev/null || true
  unikernel=''
}
trap clean EXIT
git worktree add --quiet --force --detach "$tree" "$base"
cd "$tree"
[ -f "$project" ] || fail "$project is not in the commit that is checked out"
lock=$(dotnet msbuild "$project" -nologo -nodeReuse:false -getProperty:HillingarLockFile)
git ls-files --error-unmatch -- "$lock" >/dev/null 2>&1 || fail "$lock is not in the commit that is checked out: commit it, so that there is something to compare with"

tell() {
  # To the steps that follow, here and there: always one of two words.
  [ -z "${TF_BUILD:-}" ] || echo "##vso[task.setvariable variable=$1;isOutput=true]$2" >&3
  [ -z "$outputs" ] || echo "$1=$2" >> "$outputs"
}
publish() { dotnet publish "$project" --nologo -nodeReuse:false -c Release -o "$output/$1" -p:RestoreLockedMode=true; }

before=''
if publish before; then
  before=$output/before/manifest.json
else
  echo "update-bot: what is checked out does not build, so there are no sizes to compare with"
fi

if [ -n "$packages" ]; then
  dotnet restore "$project" -nologo -nodeReuse:false "-p:HillingarUpdate=$packages"
else
  dotnet restore "$project" -nologo -nodeReuse:false --force-evaluate
fi
if git diff --quiet -- "$lock"; then
  echo "update-bot: everything is up to date"
  tell updated false
  exit
fi
publish after

if [ "$boot" = yes ]; then
  # shellcheck disable=SC2086 # The arguments are separated by spaces.
  "$output/after/run.sh" $arguments > "$output/boot.log" 2>&1 3>&- &
  unikernel=$!
  good=no
  for _ in $(seq "$patience"); do
    sleep 1
    if ! kill -0 "$unikernel" 2>/dev/null; then break; fi
    if [ -z "$check" ] || bash -c "$check" 3>&-; then good=yes; break; fi
  done
  stop
  if [ $good = no ]; then
    tail -c 100000 "$output/boot.log"
    fail "the new image does not do what --check asks for"
  fi
fi

dotnet msbuild "$project" -nologo -nodeReuse:false -t:HillingarSummary -p:Configuration=Release "-p:HillingarSummaryFile=$output/summary.md" \
  "-p:HillingarReference=$base" ${before:+"-p:HillingarReferenceManifest=$before"}
# The table has a head of two lines.
changes=$(awk '/^### / { inside = /^### What changed/ } inside && /^\| /' "$output/summary.md" | grep -c . || true)
case $changes in
  0) echo "Renew the lock of $name" ;;
  3) echo "Update a package of $name" ;;
  *) echo "Update $((changes - 2)) packages of $name" ;;
esac > "$output/title.txt"
{
  # The graph is for the run's page.
  sed '/^### [0-9]* packages$/,$d' "$output/summary.md"
  [ "$boot" = no ] || printf '### Booted\n\nThe new image was started%s.\n' "${check:+ and answered \`${check//\`/}\`}"
} > "$output/body.md"
cp -- "$lock" "$output/lock"
tell updated true
[ -z "${TF_BUILD:-}" ] || echo "##vso[task.uploadsummary]$output/summary.md" >&3
[ -z "$page" ] || cat "$output/summary.md" >> "$page"
echo "update-bot: $(cat "$output/title.txt")"
