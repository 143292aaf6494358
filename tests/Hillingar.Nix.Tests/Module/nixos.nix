# The part of NixOS that the module sets, so that lib.evalModules alone can evaluate it; and what the tests look at.
# `lib` is the stand-in's or nixpkgs' own; `module` is the flake's, `settings` a user's.
{
  lib,
  pkgs,
  module,
  settings,
}:
let
  anything = lib.mkOption {
    type = lib.types.attrsOf lib.types.anything;
    default = { };
  };

  # As NixOS has it: a setting's value is one word, or a list of lines.
  unitOption = lib.types.oneOf [
    lib.types.bool
    lib.types.int
    lib.types.str
    (lib.types.listOf (lib.types.oneOf [ lib.types.bool lib.types.int lib.types.str ]))
  ];

  nixos = {
    options = {
      assertions = lib.mkOption {
        type = lib.types.listOf lib.types.attrs;
        default = [ ];
      };
      users.groups = anything;
      networking.firewall = {
        allowedUDPPorts = lib.mkOption {
          type = lib.types.listOf lib.types.port;
          default = [ ];
        };
        allowedTCPPorts = lib.mkOption {
          type = lib.types.listOf lib.types.port;
          default = [ ];
        };
      };
      systemd.services = lib.mkOption {
        default = { };
        type = lib.types.attrsOf (
          lib.types.submodule {
            options = {
              description = lib.mkOption { type = lib.types.str; };
              serviceConfig = lib.mkOption {
                type = lib.types.attrsOf unitOption;
                default = { };
              };
            }
            // lib.genAttrs [ "wantedBy" "requires" "after" "before" ] (
              name:
              lib.mkOption {
                type = lib.types.listOf lib.types.str;
                default = [ ];
              }
            );
          }
        );
      };
    };
  };

  config =
    (lib.evalModules {
      specialArgs = { inherit pkgs; };
      modules = [
        nixos
        module
        {
          _file = "settings";
          config = settings;
        }
      ];
    }).config;
in
{
  services = config.systemd.services;
  package = config.services.hillingar.dns.package;
  groups = builtins.attrNames config.users.groups;
  # What the test's withSources was given.
  sources = config.services.hillingar.dns.package.sources or null;
  firewall = config.networking.firewall;
  # NixOS refuses a configuration with one of these.
  failed = map (assertion: assertion.message) (builtins.filter (assertion: !assertion.assertion) config.assertions);
}
