# What every derivation of stdenv starts with: its environment, then the builder.
if [ -e .attrs.sh ]; then source .attrs.sh; fi
source "$stdenv/setup"
source "$1"
