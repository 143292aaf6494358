# A folder of links: each line of $links is what it leads to, a space, and its path.
PATH=/system/bin
mkdir -p "$out/bin"
while read -r target path; do
  if [ -n "$path" ]; then
    mkdir -p "$out/$(dirname "$path")"
    ln -s "$target" "$out/$path"
  fi
done <<< "$links"
if [ -n "$setupHook" ]; then
  mkdir -p "$out/nix-support"
  cp "$setupHook" "$out/nix-support/setup-hook"
  chmod u+w "$out/nix-support/setup-hook"
fi
eval "$finish"
