# The shell functions of stdenv: hooks, inputs and phases, by the names and with the meaning that nixpkgs' manual gives them.
set -e -o pipefail
shopt -s nullglob inherit_errexit

: "${outputs:=out}"
: "${NIX_BUILD_CORES:=1}"

die() {
  echo "$*" >&2
  exit 1
}

# ---- hooks

_callImplicitHook() {
  if declare -F "$2" > /dev/null || type -p "$2" > /dev/null; then
    "$2"
  elif [ -n "${!2:-}" ]; then
    eval "${!2}"
  else
    return "$1"
  fi
}

_eval() {
  if declare -F "$1" > /dev/null; then "$@"; else eval "$1"; fi
}

# The hook's own function or variable, and then what was added to its list. What a hook runs sees our local variables, so they have
# names that nobody else has.
runHook() {
  local _hookName=$1 _hook _hooks
  shift
  _hooks="${_hookName%Hook}Hooks[@]"
  if ! declare -p "${_hookName%Hook}Hooks" > /dev/null 2>&1; then _hooks=; fi
  for _hook in "_callImplicitHook 0 $_hookName" ${_hooks:+"${!_hooks}"}; do
    _eval "$_hook" "$@"
  done
}

# The first of the hooks that succeeds.
runOneHook() {
  local _hookName=$1 _hook _hooks
  shift
  _hooks="${_hookName%Hook}Hooks[@]"
  if ! declare -p "${_hookName%Hook}Hooks" > /dev/null 2>&1; then _hooks=; fi
  for _hook in "_callImplicitHook 1 $_hookName" ${_hooks:+"${!_hooks}"}; do
    if _eval "$_hook" "$@"; then return 0; fi
  done
  return 1
}

# ---- lists

concatTo() {
  local -n target=$1
  shift
  local name
  for name in "$@"; do
    name=${name%%=*}
    if declare -p "$name" 2> /dev/null | grep -q '^declare -a'; then
      local list="${name}[@]"
      target+=("${!list}")
    elif [ -n "${!name:-}" ]; then
      target+=(${!name})
    fi
  done
}

appendToVar() {
  local -n variable=$1
  shift
  if declare -p "${!variable}" 2> /dev/null | grep -q '^declare -a'; then variable+=("$@"); else variable="${variable-} $*"; fi
}

prependToVar() {
  local -n variable=$1
  shift
  if declare -p "${!variable}" 2> /dev/null | grep -q '^declare -a'; then variable=("$@" "${variable[@]}"); else variable="$* ${variable-}"; fi
}

addToSearchPathWithCustomDelimiter() {
  local delimiter=$1 name=$2 folder=$3
  if [ -d "$folder" ]; then
    export "${name}=${!name:+${!name}$delimiter}$folder"
  fi
}

addToSearchPath() {
  addToSearchPathWithCustomDelimiter ":" "$@"
}

getAllOutputNames() {
  echo "$outputs"
}

# ---- inputs

PATH=
for i in $initialPath; do
  addToSearchPath PATH "$i/bin"
done
_initialPATH=$PATH
export PATH HOME=/homeless-shelter

prefix=${prefix-$out}
envHooks=()
targetOffset=0 hostOffset=0

addEnvHooks() {
  shift
  envHooks+=("$@")
}

_inputs=()

# An input and all that it propagates, each once.
_findInput() {
  local package=$1 found next
  for found in "${_inputs[@]}"; do
    if [ "$found" = "$package" ]; then return 0; fi
  done
  [ -e "$package" ] || die "build input $package does not exist"
  _inputs+=("$package")
  for next in "$package"/nix-support/propagated-{native-,}build-inputs; do
    if [ -f "$next" ]; then
      for found in $(< "$next"); do _findInput "$found"; done
    fi
  done
}

_native=()
_activate() {
  local package
  for package in "${_inputs[@]}"; do
    if [ -f "$package" ]; then
      # A setup hook that is an input itself.
      source "$package"
      continue
    fi
    if [ -n "$1" ]; then addToSearchPath _PATH "$package/bin"; fi
    if [ -d "$package/share" ]; then addToSearchPath XDG_DATA_DIRS "$package/share"; fi
    if [ -f "$package/nix-support/setup-hook" ]; then
      source "$package/nix-support/setup-hook"
    fi
  done
}

_PATH=
for i in $initialPath; do
  if [ -f "$i/nix-support/setup-hook" ]; then source "$i/nix-support/setup-hook"; fi
done
for i in ${nativeBuildInputs-} ${propagatedNativeBuildInputs-}; do _findInput "$i"; done
_activate native
_native=("${_inputs[@]}")
for i in ${buildInputs-} ${propagatedBuildInputs-}; do _findInput "$i"; done
_all=("${_inputs[@]}")
_inputs=("${_inputs[@]:${#_native[@]}}")
# Programs of buildInputs are for the host that the result runs on: strict derivations do not see them.
if [ -n "${strictDeps-}" ]; then _activate ''; else _activate native; fi
for i in "${_all[@]}"; do
  for hook in "${envHooks[@]}"; do
    if [ -d "$i" ]; then "$hook" "$i"; fi
  done
done
PATH="${_PATH}${_PATH:+:}$PATH"
export PATH
unset i hook

export TZ=UTC
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800}
export ZERO_AR_DATE=1
export PYTHONHASHSEED=0
export CONFIG_SHELL=$SHELL

# ---- helpers

stripHash() {
  local name casematchOpt=0
  name=$(basename -- "$1")
  if [[ $name =~ ^[a-z0-9]{32}- ]]; then echo "${name:33}"; else echo "$name"; fi
}

substituteStream() {
  local name=$1 description=$2
  shift 2
  while (($#)); do
    local old='' new=''
    case $1 in
      --replace | --replace-fail | --replace-warn | --replace-quiet)
        old=$2 new=$3
        if [[ ${!name} != *"$old"* ]]; then
          case $1 in
            --replace-fail) die "substituteStream() in derivation $name: ERROR: pattern $old doesn't match anything in $description" ;;
            --replace-quiet) ;;
            *) echo "substituteStream(): WARNING: pattern $old doesn't match anything in $description" >&2 ;;
          esac
        fi
        shift 3
        ;;
      --subst-var)
        old="@$2@" new=${!2}
        shift 2
        ;;
      --subst-var-by)
        old="@$2@" new=$3
        shift 3
        ;;
      *) die "substituteStream(): ERROR: Invalid command line argument: $1" ;;
    esac
    printf -v "$name" '%s' "${!name//"$old"/"$new"}"
  done
  printf '%s' "${!name}"
}

substitute() {
  local input=$1 output=$2
  shift 2
  [ -f "$input" ] || die "substitute(): ERROR: file '$input' does not exist"
  local _content
  _content=$(cat "$input"; echo x)
  _content=${_content%x}
  [ "$input" = "$output" ] && chmod +w "$output"
  substituteStream _content "file '$input'" "$@" > "$output.substituted"
  cat "$output.substituted" > "$output"
  rm "$output.substituted"
}

substituteInPlace() {
  local files=()
  while (($#)) && [[ $1 != --* ]]; do
    files+=("$1")
    shift
  done
  local file
  for file in "${files[@]}"; do substitute "$file" "$file" "$@"; done
}

# Scripts' interpreters, as PATH finds them now: sandboxes have no /usr/bin/env.
patchShebangs() {
  local update=
  while [[ ${1-} == --* ]]; do
    case $1 in
      --update) update=1 ;;
      --host | --build) ;;
      --) shift; break ;;
      *) die "Unknown option $1 supplied to patchShebangs" ;;
    esac
    shift
  done
  echo "patching script interpreter paths in $*"
  local file line interpreter rest arg0 new stamp
  while IFS= read -r -d $'\0' file; do
    if [ "$(head -c 2 "$file" | tr -d '\0')" != '#!' ]; then continue; fi
    IFS= read -r line < <(head -n 1 "$file" | tr -d '\0')
    read -r interpreter rest <<< "${line:2}" || true
    if [ "$(basename "$interpreter")" = env ]; then
      if [[ $rest == -S* ]]; then rest=${rest#-S}; read -r arg0 rest <<< "$rest" || true; new="$(type -p env) -S $(type -P "$arg0" || true)"; 
      else
        if [[ $rest == -* || $rest == *=* ]]; then die "$file: unsupported interpreter directive \"$line\" (set dontPatchShebangs=1 and handle shebang patching yourself)"; fi
        read -r arg0 rest <<< "$rest" || true
        new=$(type -P "$arg0" || true)
      fi
    else
      new=$(type -P "$(basename "$interpreter")" || true)
    fi
    if [ -z "$new" ]; then continue; fi
    if [[ -z $update && $interpreter == "$NIX_STORE"/* ]]; then continue; fi
    new="$new${rest:+ $rest}"
    if [ "#!$new" != "$line" ]; then
      echo "$file: interpreter directive changed from \"$line\" to \"#!$new\""
      stamp=$(stat -c %Y "$file")
      local mode=$(stat -c %a "$file")
      chmod u+w "$file"
      { echo "#!$new"; tail -n +2 "$file"; } > "$file.patched"
      cat "$file.patched" > "$file"
      rm "$file.patched"
      chmod "$mode" "$file"
      touch -d "@$stamp" "$file"
    fi
  done < <(find "$@" -type f -perm -0100 -print0)
}

# ---- phases

unpackCmdHooks+=(_defaultUnpack)
_defaultUnpack() {
  local fn=$1
  if [ -d "$fn" ]; then
    local destination
    destination=$(stripHash "$fn")
    cp -r --preserve=timestamps --reflink=auto -- "$fn" "$destination"
  else
    case $fn in
      *.tar.xz | *.tar.lzma | *.txz) (XZ_OPT="--threads=$NIX_BUILD_CORES" xz -d < "$fn"; true) | tar xf - --mode=+w --warning=no-timestamp ;;
      *.tar | *.tar.* | *.tgz | *.tbz2 | *.tbz) tar xf "$fn" --mode=+w --warning=no-timestamp ;;
      *) return 1 ;;
    esac
  fi
}

unpackFile() {
  curSrc=$1
  echo "unpacking source archive $curSrc"
  if ! runOneHook unpackCmd "$curSrc"; then
    die "do not know how to unpack source archive $curSrc"
  fi
}

unpackPhase() {
  runHook preUnpack
  if [ -z "${srcs:-}" ]; then
    if [ -z "${src:-}" ]; then die 'variable $src or $srcs should point to the source'; fi
    srcs=$src
  fi
  local before=() i
  for i in *; do if [ -d "$i" ]; then before+=("$i"); fi; done
  for i in $srcs; do unpackFile "$i"; done
  : "${sourceRoot=}"
  if [ -n "${setSourceRoot:-}" ]; then
    runOneHook setSourceRoot
  elif [ -z "$sourceRoot" ]; then
    for i in *; do
      if [ -d "$i" ] && [[ " ${before[*]-} " != *" $i "* ]]; then
        if [ -n "$sourceRoot" ]; then die "unpacker produced multiple directories"; fi
        sourceRoot=$i
      fi
    done
  fi
  if [ -z "$sourceRoot" ]; then die "unpacker appears to have produced no directories"; fi
  echo "source root is $sourceRoot"
  if [ "${dontMakeSourcesWritable:-0}" != 1 ]; then chmod -R u+w -- "$sourceRoot"; fi
  runHook postUnpack
}

patchPhase() {
  runHook prePatch
  local i
  local flags=()
  concatTo flags patchFlags
  for i in ${patches:-}; do
    echo "applying patch $i"
    case $i in
      *.gz) gzip -d < "$i" ;;
      *.bz2) bzip2 -d < "$i" ;;
      *.xz) xz -d < "$i" ;;
      *) cat "$i" ;;
    esac | patch "${flags[@]:--p1}"
  done
  runHook postPatch
}

configurePhase() {
  runHook preConfigure
  : "${configureScript=}"
  if [ -z "$configureScript" ] && [ -x ./configure ]; then configureScript=./configure; fi
  if [ -z "${dontAddPrefix:-}" ] && [ -n "$prefix" ]; then prependToVar configureFlags "${prefixKey:---prefix=}$prefix"; fi
  if [ -f "$configureScript" ]; then
    if [ -z "${dontAddDisableDepTrack:-}" ] && grep -q dependency-tracking "$configureScript"; then prependToVar configureFlags --disable-dependency-tracking; fi
    if [ -z "${dontDisableStatic:-}" ] && grep -q enable-static "$configureScript"; then prependToVar configureFlags --disable-static; fi
  fi
  if [ -n "$configureScript" ]; then
    local flags=()
    concatTo flags configureFlags configureFlagsArray
    echo "configure flags: ${flags[*]}"
    $configureScript "${flags[@]}"
  else
    echo "no configure script, doing nothing"
  fi
  runHook postConfigure
}

_jobs() {
  if [ -n "${1-}" ]; then echo "-j$NIX_BUILD_CORES"; fi
}

_hasMakefile() {
  [ -n "${makefile:-}" ] || [ -e Makefile ] || [ -e makefile ] || [ -e GNUmakefile ]
}

buildPhase() {
  runHook preBuild
  if [ -z "${makeFlags-}" ] && ! _hasMakefile; then
    echo "no Makefile or custom buildPhase, doing nothing"
  else
    local flags=($(_jobs "${enableParallelBuilding-}") "SHELL=$SHELL")
    concatTo flags makeFlags makeFlagsArray buildFlags buildFlagsArray
    echo "build flags: ${flags[*]}"
    make ${makefile:+-f $makefile} "${flags[@]}"
  fi
  runHook postBuild
}

checkPhase() {
  runHook preCheck
  if ! _hasMakefile; then
    echo "no Makefile or custom checkPhase, doing nothing"
  else
    if [ -z "${checkTarget:-}" ]; then
      if make -n ${makefile:+-f $makefile} check > /dev/null 2>&1; then checkTarget=check
      elif make -n ${makefile:+-f $makefile} test > /dev/null 2>&1; then checkTarget=test; fi
    fi
    if [ -z "${checkTarget:-}" ]; then
      echo "no check/test target in ${makefile:-Makefile}, doing nothing"
    else
      local flags=($(_jobs "${enableParallelChecking-}") "SHELL=$SHELL")
      concatTo flags makeFlags makeFlagsArray checkFlags checkFlagsArray checkTarget
      make ${makefile:+-f $makefile} "${flags[@]}"
    fi
  fi
  runHook postCheck
}

installPhase() {
  runHook preInstall
  if [ -z "${makeFlags-}" ] && ! _hasMakefile; then
    echo "no Makefile or custom installPhase, doing nothing"
    runHook postInstall
    return
  fi
  if [ -n "$prefix" ]; then mkdir -p "$prefix"; fi
  local flags=($(_jobs "${enableParallelInstalling-}") "SHELL=$SHELL")
  : "${installTargets:=install}"
  concatTo flags makeFlags makeFlagsArray installFlags installFlagsArray installTargets
  make ${makefile:+-f $makefile} "${flags[@]}"
  runHook postInstall
}

_stripOutput() {
  if [ -n "${dontStrip:-}" ] || ! type -p strip > /dev/null; then return 0; fi
  local folder
  for folder in lib lib32 lib64 libexec bin sbin ${stripDebugList-}; do
    if [ -d "$prefix/$folder" ]; then
      echo "stripping (with command strip and flags -S -p) in $prefix/$folder"
      find "$prefix/$folder" -type f -exec strip -S -p {} + 2> /dev/null || true
    fi
  done
}

_patchOutputShebangs() {
  if [ -n "${dontPatchShebangs:-}" ] || [ ! -e "$prefix" ]; then return 0; fi
  patchShebangs "$prefix"
}

_moveToShare() {
  local folder
  for folder in man doc info; do
    if [ -d "$prefix/$folder" ] && [ ! -e "$prefix/share/$folder" ]; then
      mkdir -p "$prefix/share"
      mv "$prefix/$folder" "$prefix/share/$folder"
    fi
  done
}

_compressManual() {
  if [ -n "${dontGzipMan:-}" ] || [ ! -d "$prefix/share/man" ]; then return 0; fi
  find "$prefix/share/man" -type f -a '!' -regex '.*\.\(bz2\|gz\|xz\)$' -exec gzip -n -f {} +
}

_auditTemporary() {
  if [ -n "${noAuditTmpdir:-}" ] || [ ! -e "$prefix" ]; then return 0; fi
  if grep -rlI -- "^#!.*$TMPDIR/" "$prefix" 2> /dev/null; then die "the output $prefix refers to the build folder $TMPDIR"; fi
}

fixupOutputHooks=(_moveToShare _compressManual _stripOutput _patchOutputShebangs _auditTemporary)

fixupPhase() {
  local output
  for output in $outputs; do
    if [ -e "${!output}" ]; then chmod -R u+w,u-s,g-s "${!output}"; fi
  done
  runHook preFixup
  local hook
  for output in $outputs; do
    prefix=${!output} runHook fixupOutput
  done
  local support=${!outputDev:-$out}/nix-support
  if [ -n "${propagatedBuildInputs:-}" ]; then mkdir -p "$support"; echo "$propagatedBuildInputs" > "$support/propagated-build-inputs"; fi
  if [ -n "${propagatedNativeBuildInputs:-}" ]; then mkdir -p "$support"; echo "$propagatedNativeBuildInputs" > "$support/propagated-native-build-inputs"; fi
  for hook in ${setupHook-} ${setupHooks-}; do
    mkdir -p "$support"
    local content
    content=$(cat "$hook")
    substituteAllStream "$content" >> "$support/setup-hook"
  done
  runHook postFixup
}
outputDev=out
for _output in $outputs; do if [ "$_output" = dev ]; then outputDev=dev; fi; done

# @name@ for every variable of the environment that is a name of a variable of stdenv.
substituteAllStream() {
  local text=$1 name
  for name in $(compgen -e); do
    if [[ $name =~ ^[a-z] ]]; then text=${text//"@$name@"/"${!name}"}; fi
  done
  printf '%s\n' "$text"
}

substituteAll() {
  substituteAllStream "$(cat "$1")" > "$2"
}

installCheckPhase() {
  runHook preInstallCheck
  if ! _hasMakefile; then
    echo "no Makefile or custom installCheckPhase, doing nothing"
  elif [ -z "${installCheckTarget:-}" ] && ! make -n ${makefile:+-f $makefile} installcheck > /dev/null 2>&1; then
    echo "no installcheck target in ${makefile:-Makefile}, doing nothing"
  else
    make ${makefile:+-f $makefile} "SHELL=$SHELL" "${installCheckTarget:-installcheck}"
  fi
  runHook postInstallCheck
}

distPhase() {
  runHook preDist
  local flags=()
  concatTo flags distFlags distFlagsArray
  make "${flags[@]}" "${distTarget:-dist}"
  runHook postDist
}

runPhase() {
  local curPhase=$1
  case $curPhase in
    unpackPhase) [ -z "${dontUnpack:-}" ] || return 0 ;;
    patchPhase) [ -z "${dontPatch:-}" ] || return 0 ;;
    configurePhase) [ -z "${dontConfigure:-}" ] || return 0 ;;
    buildPhase) [ -z "${dontBuild:-}" ] || return 0 ;;
    checkPhase) [ -n "${doCheck:-}" ] || return 0 ;;
    installPhase) [ -z "${dontInstall:-}" ] || return 0 ;;
    fixupPhase) [ -z "${dontFixup:-}" ] || return 0 ;;
    installCheckPhase) [ -n "${doInstallCheck:-}" ] || return 0 ;;
    distPhase) [ -n "${doDist:-}" ] || return 0 ;;
  esac
  echo "@nix { \"action\": \"setPhase\", \"phase\": \"$curPhase\" }" >&"${NIX_LOG_FD:-2}"
  echo "Running phase: $curPhase"
  # A variable of the phase's name is run instead of the function.
  if [ -n "${!curPhase-}" ]; then eval "${!curPhase}"; else "$curPhase"; fi
  if [ "$curPhase" = unpackPhase ]; then
    if [ -n "${sourceRoot:-}" ]; then chmod +x -- "$sourceRoot"; fi
    cd -- "${sourceRoot:-.}"
  fi
}

genericBuild() {
  export GZIP_NO_TIMESTAMPS=1
  if [ -n "${buildCommandPath:-}" ]; then
    local curPhase=buildCommand
    echo "Running phase: $curPhase"
    source "$buildCommandPath"
    return
  fi
  if [ -n "${buildCommand:-}" ]; then
    echo "Running phase: buildCommand"
    eval "$buildCommand"
    return
  fi
  if [ -z "${phases[*]:-}" ]; then
    phases="${prePhases[*]:-} unpackPhase patchPhase ${preConfigurePhases[*]:-} configurePhase ${preBuildPhases[*]:-} buildPhase checkPhase ${preInstallPhases[*]:-} installPhase ${preFixupPhases[*]:-} fixupPhase installCheckPhase ${preDistPhases[*]:-} distPhase ${postPhases[*]:-}"
  fi
  local phase
  for phase in ${phases[*]}; do runPhase "$phase"; done
}

# What a failed build of a user's says last, and a place for keep-going builders to look at.
exitHandler() {
  local code=$?
  if [ -n "${failureHook:-}" ] && [ $code -ne 0 ]; then eval "$failureHook"; fi
  exit $code
}
trap exitHandler EXIT

runHook preHook
runHook postHook
if [ -n "${userHook:-}" ]; then eval "$userHook"; fi
