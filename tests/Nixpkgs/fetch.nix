# Fixed-output fetches. Mirrors by hash come from $NIX_HASHED_MIRRORS, as with the real one.
{ lib, pkgs }:
let
  curl = pkgs.curl;
  proxies = [
    "http_proxy"
    "https_proxy"
    "ftp_proxy"
    "all_proxy"
    "no_proxy"
  ];
  given = lib.filterAttrs (_: value: value != "");
in
{
  fetchurl = lib.makeOverridable (
    {
      url ? "",
      urls ? [ ],
      curlOpts ? "",
      curlOptsList ? [ ],
      name ? null,
      pname ? null,
      version ? null,
      hash ? "",
      outputHash ? "",
      outputHashAlgo ? "",
      sha1 ? "",
      sha256 ? "",
      sha512 ? "",
      recursiveHash ? false,
      postFetch ? "",
      downloadToTemp ? false,
      executable ? false,
      nativeBuildInputs ? [ ],
      meta ? { },
      passthru ? { },
      preferLocalBuild ? true,
    }:
    let
      all =
        if urls != [ ] && url == "" then
          if builtins.isList urls then urls else throw "`urls` is not a list: ${lib.generators.toPretty { } urls}"
        else if urls == [ ] && url != "" then
          if builtins.isString url then [ url ] else throw "`url` is not a string: ${lib.generators.toPretty { } url}"
        else
          throw "fetchurl requires either `url` or `urls` to be set";
      hashes = given { inherit hash outputHash sha1 sha256 sha512; };
      chosen =
        if builtins.length (builtins.attrNames hashes) > 1 then
          throw "multiple hashes passed to fetchurl: ${lib.generators.toPretty { } all}"
        else if hash != "" then
          lib.nameValuePair null hash
        else if outputHash != "" then
          if outputHashAlgo != "" then
            lib.nameValuePair outputHashAlgo outputHash
          else
            throw "fetchurl was passed outputHash without outputHashAlgo: ${lib.generators.toPretty { } all}"
        else if hashes == { } then
          throw "fetchurl requires a hash for fixed-output derivation: ${lib.generators.toPretty { } all}"
        else
          lib.nameValuePair (builtins.head (builtins.attrNames hashes)) (builtins.head (builtins.attrValues hashes));
    in
    pkgs.stdenvNoCC.mkDerivation {
      name =
        if pname != null && version != null then
          "${pname}-${version}"
        else if name != null then
          name
        else
          baseNameOf (toString (builtins.head all));
      builder = ./fetchurl.sh;
      nativeBuildInputs = [ curl ] ++ nativeBuildInputs;
      urls = all;
      outputHashAlgo = chosen.name;
      outputHash = chosen.value;
      outputHashMode = if recursiveHash || executable then "recursive" else "flat";
      inherit
        curlOpts
        postFetch
        downloadToTemp
        executable
        preferLocalBuild
        meta
        ;
      curlOptsList = lib.escapeShellArgs curlOptsList;
      impureEnvVars = proxies ++ [
        "NIX_CURL_FLAGS"
        "NIX_HASHED_MIRRORS"
        "NIX_CONNECT_TIMEOUT"
      ];
      passthru = {
        url = builtins.head all;
      }
      // passthru;
    }
  );

  fetchgit = lib.makeOverridable (
    {
      url,
      rev ? null,
      tag ? null,
      name ? null,
      hash ? "",
      outputHash ? "",
      outputHashAlgo ? null,
      sha256 ? "",
      leaveDotGit ? false,
      deepClone ? false,
      fetchSubmodules ? true,
      branchName ? null,
      nativeBuildInputs ? [ ],
      postFetch ? "",
      preferLocalBuild ? true,
      meta ? { },
    }:
    let
      revision =
        if tag != null && rev == null then
          "refs/tags/${tag}"
        else if rev != null && tag == null then
          rev
        else if rev == null then
          "HEAD"
        else
          throw "fetchgit requires one of either `rev` or `tag` to be provided (not both).";
      short = rev: if builtins.match "[a-f0-9]*" rev != null then builtins.substring 0 7 rev else baseNameOf rev;
    in
    pkgs.stdenvNoCC.mkDerivation {
      name =
        if name != null then
          name
        else
          "${builtins.head (builtins.match ".*[/:]([^/:]*)" (lib.removeSuffix "/" (lib.removeSuffix ".git" url)))}-${short revision}";
      builder = ./fetchgit.sh;
      nativeBuildInputs = [ pkgs.git ] ++ nativeBuildInputs;
      inherit
        url
        leaveDotGit
        deepClone
        fetchSubmodules
        branchName
        postFetch
        preferLocalBuild
        meta
        ;
      rev = revision;
      outputHashMode = "recursive";
      outputHashAlgo = if hash != "" then null else if sha256 != "" then "sha256" else outputHashAlgo;
      outputHash =
        if hash != "" then
          hash
        else if sha256 != "" then
          sha256
        else if outputHash != "" then
          outputHash
        else
          throw "fetchgit requires a hash";
      impureEnvVars = proxies ++ [
        "GIT_PROXY_COMMAND"
        "NIX_GIT_SSL_CAINFO"
        "SOCKS_SERVER"
      ];
      passthru.gitRepoUrl = url;
    }
  );
}
