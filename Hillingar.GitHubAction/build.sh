#!/usr/bin/env bash
# What action.yml runs: its inputs are in the environment.
set -euo pipefail

fail() { echo "::error title=HIL8001::The input '$1' is '$2'. Write $3."; exit 1; }
one_of() { case " $3 " in *" $2 "*) ;; *) fail "$1" "$2" "one of ${3// /, }" ;; esac; }
# ';', ',' and '%' would end a property's value.
absolute() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; }
property() { local value=${2//%/%25}; value=${value//;/%3B}; printf '%s' "-p:$1=${value//,/%2C}"; }

[ -e "$PROJECT" ] || fail project "$PROJECT" 'the path of a project that is there; a checkout may have to come first'
one_of backend "$BACKEND" 'project local nix auto'
one_of locked-mode "$LOCKED_MODE" 'true false'
one_of audit-level "$AUDIT_LEVEL" 'project off low moderate high critical'
one_of audit-fails "$AUDIT_FAILS" 'true false'
[[ $TARGETS =~ ^[a-z0-9,\ -]*$ ]] || fail targets "$TARGETS" 'mirage targets, such as unix or spt'
[[ $CONFIGURATION =~ ^[A-Za-z0-9_.-]+$ ]] || fail configuration "$CONFIGURATION" "a configuration of MSBuild's, such as Release"
command -v dotnet > /dev/null || { echo "::error title=HIL8002::There is no 'dotnet' on this runner's PATH. Put a step actions/setup-dotnet before this one."; exit 1; }

common=(-nologo -nodeReuse:false)
[ -z "$CACHE_FOLDER" ] || common+=("$(property HillingarCache "$(absolute "$CACHE_FOLDER")")")
[ -z "$OFFLINE_ARCHIVE" ] || common+=(-p:HillingarOffline=true)
[ "$BACKEND" = project ] || common+=("-p:HillingarBackend=$BACKEND")
case $AUDIT_LEVEL in
  project) ;;
  off) common+=(-p:HillingarAudit=false) ;;
  *) common+=(-p:HillingarAudit=true "-p:HillingarAuditLevel=$AUDIT_LEVEL") ;;
esac
publish=$(absolute "${PUBLISH_FOLDER:-$(mktemp -d "$RUNNER_TEMP/hillingar-XXXXXX")}")
read -r -a picked <<< "${TARGETS//,/ }"

# A build runs programs of strangers: what they print commands nothing, but the matcher may read it.
echo "::add-matcher::$GITHUB_ACTION_PATH/msbuild.json"
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
trap 'echo "::$token::"; echo "::remove-matcher owner=hillingar::"' EXIT

run() { dotnet "$1" "$PROJECT" "${@:2}" "${common[@]}" -tl:off '-clp:NoSummary;DisableConsoleColor'; }

[ -z "$OFFLINE_ARCHIVE" ] || run msbuild -t:HillingarImportSource "$(property HillingarArchive "$(absolute "$OFFLINE_ARCHIVE")")"
restore=()
[ "$LOCKED_MODE" = false ] || restore+=(--locked-mode)
[ "$AUDIT_FAILS" = false ] || restore+=('-warnAsError:HIL4051;HIL4052;HIL4053;HIL4054')
run restore "${restore[@]}"
image=''
for target in "${picked[@]:-}"; do
  pick=("-p:Configuration=$CONFIGURATION")
  [ -z "$target" ] || pick+=("-p:MirageTarget=$target")
  out=$publish
  [ "${#picked[@]}" -le 1 ] || out=$publish/$target
  run build --no-restore "${pick[@]}"
  run publish --no-build "$(property PublishDir "$out/")" "${pick[@]}"
  bill=${bill:-$out/sbom.cdx.json}
  image=${image:-$(dotnet msbuild "$PROJECT" -t:HillingarGetImages -getItem:UnikernelImage "${pick[@]}" "${common[@]}" | sed -n 's/^ *"FullPath": "\(.*\)",$/\1/p' | head -1)}
done
pick=("-p:Configuration=$CONFIGURATION")
[ "${#picked[@]}" -ne 1 ] || pick+=("-p:MirageTarget=${picked[0]}")
summary=$(mktemp "$RUNNER_TEMP/summary-XXXXXX")
run msbuild -t:HillingarSummary "$(property HillingarSummaryFile "$summary")" "${pick[@]}"
cat "$summary" >> "$GITHUB_STEP_SUMMARY"
rm "$summary"
lock=$(dotnet msbuild "$PROJECT" "${common[@]}" -getProperty:HillingarLockFile)
{
  echo "image-path=$image"
  echo "lock-file=$lock"
  echo "lock-hash=$(sha256sum "$lock" | cut -d ' ' -f 1)"
  echo "publish-folder=$publish"
  echo "sbom-file=$bill"
} >> "$GITHUB_OUTPUT"
