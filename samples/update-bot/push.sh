#!/usr/bin/env bash
# Makes a branch with the lock that update-bot.sh left, and pushes it. Strangers' code ran where that lock comes from: nothing of the folder is run here,
# only the lock gets into the commit, and what is shown of it is checked first. Runs git and nothing else; whoever calls it opens the pull request,
# with the title and the text that it writes.
set -euo pipefail

usage() {
  cat <<'END'
push.sh --from FOLDER --lock PATH --output FOLDER [OPTION]…

  --from FOLDER       what update-bot.sh left
  --lock PATH         the lock in the repository, relative to its root
  --output FOLDER     where title.txt and body.md go, checked
  --base BRANCH       the branch to update (main)
  --branch BRANCH     the branch to push (hillingar/update-NAME, by the lock's name)
  --remote NAME       where both are (origin)
  --limit CHARACTERS  cut body.md to this length (4000: a description of Azure Repos holds no more)
END
}

fail() { echo "push: $*" >&2; exit 1; }
# Nothing that a repository or its files say is run: no hook, no filter, no signing program.
git() { command git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c commit.gpgSign=false -c gc.auto=0 "$@"; }

from='' lock='' output='' base=main branch='' remote=origin limit=4000
while [ $# -gt 0 ]; do
  case $1 in
    --from|--lock|--output|--base|--branch|--remote|--limit)
      [ $# -ge 2 ] || fail "$1 needs a value"
      printf -v "${1#--}" %s "$2"; shift 2 ;;
    --help) usage; exit ;;
    *) usage >&2; fail "there is no option $1" ;;
  esac
done
for option in from lock output; do
  [ -n "${!option}" ] || { usage >&2; fail "--$option is missing"; }
done
# The same with every version of git and every shell: words that are nothing else.
for option in base branch remote; do
  [[ -z ${!option} || ( ${!option} =~ ^[A-Za-z0-9_][A-Za-z0-9_./-]*$ && ! ${!option} =~ (\.\.|//|/\.|\.lock(/|$)|[./]$) ) ]] || fail "the value of --$option is no name that is taken here: letters, digits, '_', '.', '/' and '-'"
done
[[ $lock =~ ^[A-Za-z0-9_.+][A-Za-z0-9_./+\ -]*\.opam\.locked$ && ! $lock =~ (^|/)\.\.?(/|$) ]] || fail "the value of --lock is no path of a lock below the repository's root"
[[ $limit =~ ^[0-9]{3,6}$ ]] || fail "the value of --limit is no number"
name=$(basename "$lock" .opam.locked)
branch=${branch:-hillingar/update-$name}
[ "$branch" != "$base" ] || fail "--branch is the base itself"

# What came from the other job: a text, no link, of a size that locks have.
text() {
  local file=$1 most=$2
  [ -f "$file" ] && [ ! -L "$file" ] || fail "$(basename "$file") is missing in what the other job left"
  [ "$(wc -c < "$file")" -le "$most" ] || fail "$(basename "$file") is larger than $most bytes"
  [ "$(tr -d '\000-\010\013-\037\177' < "$file" | wc -c)" = "$(wc -c < "$file")" ] || fail "$(basename "$file") holds control characters"
}
text "$from/lock" 8000000
text "$from/title.txt" 1000
text "$from/body.md" 1000000
grep -q '^opam-version: "2.0"$' "$from/lock" && grep -q '^x-opam-monorepo-version: ' "$from/lock" || fail "what the other job left is no lock"

git fetch --quiet --no-recurse-submodules "$remote" "+refs/heads/$base:refs/remotes/$remote/$base"
parent=$(git rev-parse --verify "refs/remotes/$remote/$base^{commit}")
read -r mode type _ < <(git ls-tree "$parent" -- "$lock") || fail "$lock is not in $base"
[ "$mode $type" = "100644 blob" ] || fail "$lock is no plain file in $base"

# An index of its own, so that the commit is the base with another lock, whatever is checked out.
index=$(mktemp -d)
trap 'rm -rf "$index"' EXIT
export GIT_INDEX_FILE=$index/index
git read-tree "$parent"
git update-index --cacheinfo "100644,$(git hash-object -w --no-filters -- "$from/lock"),$lock"
tree=$(git write-tree)
[ "$(git diff-tree -r --name-only "$parent" "$tree")" = "$lock" ] || fail "the lock is as it was"

mkdir -p -- "$output"
# One line that is no option and no file to whoever takes it as an argument.
title=$(head -n 1 -- "$from/title.txt")
[[ $title =~ ^(Renew\ the\ lock|Update\ (a|[0-9]+)\ packages?)\ of\ [A-Za-z0-9_.+\ -]{1,100}$ ]] || title="Renew the lock of $name"
printf '%s\n' "$title" > "$output/title.txt"
note='… the rest is on the page of the run.'
{
  # It begins with a line of ours: a text that begins with '@' is a file to some programs, one with '-' an option.
  printf '%s\n\n' "$title: what follows was written by the job that built it."
  cat -- "$from/body.md"
} > "$index/body.md"
if [ "$(wc -m < "$index/body.md")" -gt "$limit" ]; then
  head -c "$((limit - ${#note} - 1))" "$index/body.md" | sed '$d' > "$output/body.md"
  printf '%s\n' "$note" >> "$output/body.md"
else
  cp -- "$index/body.md" "$output/body.md"
fi

commit=$({ printf '%s\n\n' "$title"; cat -- "$output/body.md"; } | git commit-tree "$tree" -p "$parent")
git push --quiet --force "$remote" "$commit:refs/heads/$branch"
echo "push: $branch is $commit"
