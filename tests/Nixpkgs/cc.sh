#!/system/bin/bash
# The system's compiler as nixpkgs' wrapper calls its own: with the hardening that $NIX_HARDENING_ENABLE asks for, and with the
# headers and libraries of a derivation's inputs.
case ${0##*/} in
  cc) compiler=/system/bin/gcc ;;
  c++) compiler=/system/bin/g++ ;;
  *) compiler=/system/bin/${0##*/} ;;
esac
hardening=" ${NIX_HARDENING_ENABLE-bindnow format fortify pic relro stackclashprotection stackprotector strictoverflow} "
before=() linking=() wanted=1
for argument in "$@"; do
  case $argument in
    -c | -S | -E | -M | -MM | -r | -print-* | --version | -v | -V | -dump*) wanted= ;;
  esac
done
for flag in $hardening; do
  case $flag in
    fortify) before+=(-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) ;;
    stackprotector) before+=(-fstack-protector-strong --param ssp-buffer-size=4) ;;
    stackclashprotection) before+=(-fstack-clash-protection) ;;
    pic) before+=(-fPIC) ;;
    strictoverflow) before+=(-fno-strict-overflow) ;;
    format) before+=(-Wformat -Wformat-security -Werror=format-security) ;;
    relro) linking+=(-Wl,-z,relro) ;;
    bindnow) linking+=(-Wl,-z,now) ;;
  esac
done
# With no arguments but a question, nothing is added.
if [ $# -le 1 ]; then
  case ${1-} in -* | '') exec "$compiler" "$@" ;; esac
fi
if [ -n "$wanted" ]; then
  for flag in ${NIX_LDFLAGS-}; do
    linking+=("-Wl,$flag")
  done
else
  linking=()
fi
exec "$compiler" "${before[@]}" ${NIX_CFLAGS_COMPILE_BEFORE-} "$@" ${NIX_CFLAGS_COMPILE-} "${linking[@]}"
