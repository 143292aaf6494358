# What nixpkgs' compiler wrapper does for every input.
ccWrapper_addCVars() {
  if [ -d "$1/include" ]; then
    export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE-} -isystem $1/include"
  fi
}
bintoolsWrapper_addLDVars() {
  if [ -d "$1/lib" ] && compgen -G "$1/lib/lib*" > /dev/null; then
    export NIX_LDFLAGS="${NIX_LDFLAGS-} -L$1/lib"
  fi
}
addEnvHooks "$targetOffset" ccWrapper_addCVars
addEnvHooks "$targetOffset" bintoolsWrapper_addLDVars
export CC=gcc CXX=g++ AS=as LD=ld AR=ar NM=nm RANLIB=ranlib STRIP=strip OBJCOPY=objcopy OBJDUMP=objdump READELF=readelf STRINGS=strings SIZE=size
