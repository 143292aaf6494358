# The tree of one revision, with its submodules, without git's own data unless that was asked for.
export HOME=$TMPDIR
git init --quiet "$out"
cd "$out"
git remote add origin "$url"
if ! git fetch --quiet --depth 1 origin "$rev"; then
  git fetch --quiet --tags origin '+refs/heads/*:refs/remotes/origin/*'
  git checkout --quiet "$rev"
else
  git checkout --quiet FETCH_HEAD
fi
if [ -n "$fetchSubmodules" ]; then git -c protocol.file.allow=always submodule --quiet update --init --recursive --depth 1; fi
cd "$TMPDIR"
runHook postFetch
if [ -z "$leaveDotGit" ]; then find "$out" -name .git -prune -exec rm -rf {} +; fi
