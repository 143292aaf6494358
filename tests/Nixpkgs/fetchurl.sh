# Tries the addresses one after another, and then the mirrors that know archives by their hash.
file=$out
if [ -n "$downloadToTemp" ]; then file=$TMPDIR/file; fi
eval "options=($curlOptsList)"
download() {
  curl --location --max-redirs 20 --retry 3 --disable-epsv --insecure --fail $curlOpts ${NIX_CURL_FLAGS-} "${options[@]}" "$1" --output "$file"
}
finish() {
  if [ -n "$executable" ]; then chmod +x "$file"; fi
  if [ -z "${1-}" ]; then runHook postFetch; fi
  exit 0
}
set -o noglob
for url in $urls; do
  echo "trying $url"
  if download "$url"; then finish; fi
done
set +o noglob
for mirror in ${NIX_HASHED_MIRRORS-}; do
  echo "trying $mirror/$outputHashAlgo/$outputHash"
  if download "$mirror/$outputHashAlgo/$outputHash"; then finish skip; fi
done
echo "error: cannot download $name from any mirror"
exit 1
