lib:
let
  parts = version: lib.take 3 (builtins.splitVersion version);
in
rec {
  splitVersion = builtins.splitVersion;
  major = version: builtins.elemAt (splitVersion version) 0;
  minor = version: builtins.elemAt (splitVersion version) 1;
  patch = version: builtins.elemAt (splitVersion version) 2;
  majorMinor = version: builtins.concatStringsSep "." (lib.take 2 (parts version));
  pad =
    count: version:
    builtins.concatStringsSep "." (lib.take count (builtins.splitVersion version ++ lib.replicate count "0"));
}
