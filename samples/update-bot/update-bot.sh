#!/usr/bin/env bash
# Takes the newest versions of what a unikernel depends on, builds and boots the result, and pushes a branch with the new lock. Whoever
# calls it opens the pull request: the title and the text lie in the folder that --output names. Needs git, dotnet and, to boot an image
# that is none of unix, its tender. Copy it into your repository.
set -euo pipefail

usage() {
  cat <<'END'
update-bot.sh --project FILE [OPTION]…

  --project FILE      the project of Hillingar.Sdk, relative to the repository's root
  --base BRANCH       the branch to update (main)
  --branch BRANCH     the branch to push (hillingar/update-PROJECT)
  --remote NAME       where both are (origin)
  --package NAME      update this package only, and what must follow; may be repeated
  --run ARGUMENTS     boot the image with these arguments, separated by spaces
  --check COMMAND     ask it: the image is good when this succeeds within --patience seconds
  --patience SECONDS  30
  --output FOLDER     where title.txt, body.md, summary.md and the publication go (a new folder)
  --limit CHARACTERS  cut body.md to this length (4000: a description of Azure Repos holds no more)
  --no-push           commit only
END
}

fail() { echo "update-bot: $*" >&2; exit 1; }

project='' base=main branch='' remote=origin packages='' boot=no arguments='' check='' patience=30 output='' limit=4000 push=yes
while [ $# -gt 0 ]; do
  case $1 in
    --project|--base|--branch|--remote|--check|--patience|--output|--limit)
      [ $# -ge 2 ] || fail "$1 needs a value"
      printf -v "${1#--}" %s "$2"; shift 2 ;;
    --package) [ $# -ge 2 ] || fail "$1 needs a value"; packages="$packages${packages:+%3B}$2"; shift 2 ;;
    --run) [ $# -ge 2 ] || fail "$1 needs a value"; boot=yes arguments=$2; shift 2 ;;
    --no-push) push=no; shift ;;
    --help) usage; exit ;;
    *) usage >&2; fail "there is no option $1" ;;
  esac
done
[ -n "$project" ] || { usage >&2; fail "--project is missing"; }
[ -z "$check" ] || boot=yes
name=$(basename "${project%.*}")
branch=${branch:-hillingar/update-$name}
output=$(mkdir -p "${output:=$(mktemp -d)}" && cd "$output" && pwd)

root=$PWD
# A tree of its own: what is checked out stays as it is, and no stray file gets into the commit.
tree=$(mktemp -d)
unikernel=''
clean() {
  [ -z "$unikernel" ] || stop
  cd "$root"
  git worktree remove --force "$tree" 2>/dev/null || rm -rf "$tree"
}
stop() {
  kill "$unikernel" 2>/dev/null || true
  wait "$unikernel" 2>/dev/null || true
  unikernel=''
}
trap clean EXIT
git fetch --quiet "$remote" "+refs/heads/$base:refs/remotes/$remote/$base"
git worktree add --quiet --force -B "$branch" "$tree" "$remote/$base"
cd "$tree"
[ -f "$project" ] || fail "$project is not in $base"
lock=$(dotnet msbuild "$project" -nologo -nodeReuse:false -getProperty:HillingarLockFile)
git ls-files --error-unmatch "$lock" >/dev/null 2>&1 || fail "$lock is not in $base: commit it, so that there is something to compare with"

tell() {
  # To the steps that follow, here and there.
  [ -z "${TF_BUILD:-}" ] || echo "##vso[task.setvariable variable=$1;isOutput=true]$2"
  [ -z "${GITHUB_OUTPUT:-}" ] || echo "$1=$2" >> "$GITHUB_OUTPUT"
}
publish() { dotnet publish "$project" --nologo -nodeReuse:false -c Release -o "$output/$1" -p:RestoreLockedMode=true; }

before=''
if publish before; then
  before=$output/before/manifest.json
else
  echo "update-bot: $base does not build, so there are no sizes to compare with" >&2
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
  "$output/after/run.sh" $arguments > "$output/boot.log" 2>&1 &
  unikernel=$!
  good=no
  for _ in $(seq "$patience"); do
    sleep 1
    if ! kill -0 "$unikernel" 2>/dev/null; then break; fi
    if [ -z "$check" ] || bash -c "$check"; then good=yes; break; fi
  done
  stop
  if [ $good = no ]; then
    cat "$output/boot.log" >&2
    fail "the new image does not do what --check asks for"
  fi
fi

dotnet msbuild "$project" -nologo -nodeReuse:false -t:HillingarSummary -p:Configuration=Release "-p:HillingarSummaryFile=$output/summary.md" \
  "-p:HillingarReference=$remote/$base" ${before:+"-p:HillingarReferenceManifest=$before"}
# The table has a head of two lines.
changes=$(sed -n '/^### What changed/,/^### Known/p' "$output/summary.md" | grep -c '^| ' || true)
case $changes in
  0) echo "Renew the lock of $name" ;;
  3) echo "Update a package of $name" ;;
  *) echo "Update $((changes - 2)) packages of $name" ;;
esac > "$output/title.txt"
{
  # The graph is for the run's page.
  sed '/^### [0-9]* packages$/,$d' "$output/summary.md"
  [ "$boot" = no ] || printf '### Booted\n\nThe new image was started%s.\n' "${check:+ and answered \`${check//\`/}\`}"
} > "$output/whole.md"
if [ "$(wc -m < "$output/whole.md")" -gt "$limit" ]; then
  note='… the rest is on the page of the run.'
  head -c "$((limit - ${#note} - 1))" "$output/whole.md" | sed '$d' > "$output/body.md"
  echo "$note" >> "$output/body.md"
else
  cp "$output/whole.md" "$output/body.md"
fi
rm "$output/whole.md"

git add -- "$lock"
{ cat "$output/title.txt"; echo; cat "$output/body.md"; } | git commit --quiet --cleanup=whitespace -F -
[ "$push" = no ] || git push --quiet --force "$remote" "$branch"
tell updated true
tell branch "$branch"
[ -z "${TF_BUILD:-}" ] || echo "##vso[task.uploadsummary]$output/summary.md"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$output/summary.md" >> "$GITHUB_STEP_SUMMARY"
echo "update-bot: $(cat "$output/title.txt"), on $branch"
