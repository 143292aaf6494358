# TEST CODE: a stand-in for nixpkgs, for machines that have no nixpkgs and no network.
#
# It has the names and the behaviour of the functions of nixpkgs (lib, stdenv.mkDerivation, fetchurl, ...), written anew, but its packages
# are the toolchain of the Debian system that it runs on: folders of links to programs, which builds find at /system/bin because the
# tests' nix.conf puts them there (tests/Hillingar.Nix.Tests/Nixes). A file toolchain.json, which the tests write beside this one, says
# which packages the system has, their versions and programs, and a fingerprint of them all that is in every derivation.
# What the generated flakes use of it is listed in attributes.tsv, with the place in NixOS/nixpkgs where it is defined.
{
  description = "Test code: a stand-in for nixpkgs over the system's toolchain";

  outputs =
    { self }:
    let
      lib = import ./lib;
      toolchain = lib.importJSON ./toolchain.json;
    in
    {
      inherit lib;
      # Only for the system that the tests run on, but names can be looked at on any.
      legacyPackages = lib.genAttrs lib.systems.flakeExposed (system: import ./packages.nix { inherit lib system toolchain; });
    };
}
