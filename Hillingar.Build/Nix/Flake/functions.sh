# What the builders of a unikernel's flake have in common. Written by Hillingar.

# Unpacks an archive, or copies a folder; a single folder at the top is left out, as opam does it.
unpack_source() {
  local from=$1 to=$2 staging
  staging=$(mktemp -d)
  if [ -d "$from" ]; then
    cp -r -- "$from" "$staging/tree"
  elif [ "$(head -c 2 "$from")" = PK ]; then
    unzip -q "$from" -d "$staging/tree"
  else
    mkdir "$staging/tree"
    tar -xf "$from" -C "$staging/tree" --no-same-owner
  fi
  chmod -R u+w "$staging/tree"
  local entries=("$staging"/tree/* "$staging"/tree/.[!.]*)
  local found=()
  local entry
  for entry in "${entries[@]}"; do
    if [ -e "$entry" ] || [ -L "$entry" ]; then
      found+=("$entry")
    fi
  done
  if [ ${#found[@]} -eq 1 ] && [ -d "${found[0]}" ] && [ ! -L "${found[0]}" ]; then
    mv -- "${found[0]}" "$to"
  else
    mv -- "$staging/tree" "$to"
  fi
  rm -rf -- "$staging"
}

# Puts a file into its place.
place() {
  mkdir -p -- "$(dirname -- "$2")"
  rm -f -- "$2"
  cat -- "$1" > "$2"
  if [ -x "$1" ]; then
    chmod +x -- "$2"
  fi
}

apply_patch() {
  patch -p1 --no-backup-if-mismatch --quiet -i "$1"
}

# Makes NAME of NAME.in, with opam's variables for %{name}%: those of the table, and nothing for others.
substitute_variables() {
  awk -v table="$2" '
    function lookup(expression, parts, variable, negative) {
      # %{name?text:otherwise}% and %{package+other:name}%
      negative = ""
      if ((at = index(expression, "?")) > 0) {
        variable = substr(expression, 1, at - 1)
        parts = substr(expression, at + 1)
        at = index(parts, ":")
        negative = at > 0 ? substr(parts, at + 1) : ""
        parts = at > 0 ? substr(parts, 1, at - 1) : parts
        return values[variable] == "true" ? parts : negative
      }
      return values[expression]
    }
    BEGIN {
      while ((getline line < table) > 0) {
        at = index(line, "=")
        values[substr(line, 1, at - 1)] = substr(line, at + 1)
      }
    }
    {
      rest = $0
      result = ""
      while ((start = index(rest, "%{")) > 0 && (end = index(substr(rest, start), "}%")) > 0) {
        result = result substr(rest, 1, start - 1) lookup(substr(rest, start + 2, end - 3))
        rest = substr(rest, start + end + 1)
      }
      print result rest
    }
  ' "$1.in" > "$1.substituted"
  mv -- "$1.substituted" "$1"
}

# Leaves the given folders only; opam builds a package with a subpath there and sees nothing else.
keep_only() {
  local folder kept
  kept=$(mktemp -d)
  for folder; do
    mkdir -p -- "$kept/$(dirname -- "$folder")"
    mv -- "$folder" "$kept/$folder"
  done
  find . -mindepth 1 -delete
  cp -r -- "$kept"/. .
  rm -rf -- "$kept"
}

# Puts packages of the switch into the environment: programs, libraries, and what findlib knows of them.
use_switch() {
  local package place libraries="" stubs="" conf
  conf=$(mktemp -d)
  mkdir "$conf/findlib.conf.d"
  for package; do
    if [ -d "$package/bin" ]; then
      PATH="$package/bin:$PATH"
    fi
    # opam's layout, and that of nixpkgs
    for place in "$package/lib" "$package"/lib/ocaml/*/site-lib; do
      if [ -d "$place" ]; then
        libraries="$libraries${libraries:+:}$place"
      fi
      if [ -d "$place/stublibs" ]; then
        stubs="$stubs${stubs:+:}$place/stublibs"
      fi
    done
    if [ -d "$package/lib/findlib.conf.d" ]; then
      cp -- "$package"/lib/findlib.conf.d/* "$conf/findlib.conf.d"
    fi
  done
  printf 'path="%s"\ndestdir="%s"\n' "$libraries" "${out:-$conf}/lib" > "$conf/findlib.conf"
  export PATH OCAMLPATH="$libraries" OCAMLFIND_CONF="$conf/findlib.conf" OCAMLFIND_LDCONF=ignore
  export OCAMLFIND_DESTDIR="${out:-$conf}/lib" CAML_LD_LIBRARY_PATH="$stubs"
}

# The same sources give the same bytes, wherever they are built.
reproducible() {
  export HOME="$NIX_BUILD_TOP/home" DUNE_CACHE=disabled
  mkdir -p "$HOME"
  export BUILD_PATH_PREFIX_MAP="/workspace_root=$PWD"
  export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE:-} -ffile-prefix-map=$PWD=/workspace_root"
}

# What a package's build left for opam to install.
install_files() {
  if [ -f "$1.install" ]; then
    opam-installer --prefix="$out" --libdir="$out/lib" --docdir="$out/doc" --mandir="$out/man" "$1.install"
  fi
}
