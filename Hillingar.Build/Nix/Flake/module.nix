# The NixOS module of a unikernel's flake: its images as hardened services, and zones served by its DNS server.
# Written by Hillingar and overwritten by it: change the project instead.
{ self }:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  known = import ./targets.nix;

  cfg = config.services.hillingar;

  system = pkgs.stdenv.hostPlatform.system;

  enabled = lib.filterAttrs (name: unikernel: unikernel.enable) cfg.unikernels;

  # A value as one word of a systemd unit: in double quotes with C's escapes, of which JSON's are a part. A lone % would start a
  # specifier, and in a command line a lone $ a variable.
  unitWord = value: builtins.replaceStrings [ "%" ] [ "%%" ] (builtins.toJSON value);

  execWord = value: builtins.replaceStrings [ "$" ] [ "$$" ] (unitWord value);

  execLine = words: lib.concatMapStringsSep " " execWord words;

  # Names are attributes, which have no type of their own. A submodule has its name as an option, which does.
  nameOption =
    name: pattern: what:
    lib.mkOption {
      type = lib.types.strMatching pattern // {
        description = what;
      };
      default = name;
      readOnly = true;
      internal = true;
      description = "The name as which it is defined: ${what}.";
    };

  # Of a set of other values the set itself has the type. (Around submodules such a check would be lost.)
  named =
    pattern: what: type:
    lib.types.addCheck (lib.types.attrsOf type) (
      set: builtins.all (name: builtins.match pattern name != null) (builtins.attrNames set)
    )
    // {
      description = "attribute set of ${type.description}, under names that are ${what}";
    };

  # Linux has room for 15 bytes, and refuses "." and "..", slashes, colons and white space.
  interfaceName = lib.types.strMatching "[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}";

  deviceName = "[A-Za-z0-9]{1,67}";

  # What is behind it must not be written into anything but the one word that it is.
  hostPath = lib.types.strMatching "/[^[:cntrl:]:]+";

  hostAddress = lib.types.strMatching "[0-9a-fA-F.:]+/[0-9]{1,3}";

  networkOptions =
    { name, ... }:
    {
      options = {
        name = nameOption name deviceName "a device's name, of letters and digits only";
        tap = lib.mkOption {
          type = interfaceName;
          example = "tap0";
          description = "The tap interface behind the network. It is made before the unikernel starts, and only the unikernel may use it.";
        };
        addresses = lib.mkOption {
          type = lib.types.listOf hostAddress;
          default = [ ];
          example = [ "10.0.0.1/24" ];
          description = "The host's own addresses on the tap interface.";
        };
        bridge = lib.mkOption {
          type = lib.types.nullOr interfaceName;
          default = null;
          description = "An existing bridge that the tap interface becomes a part of.";
        };
      };
    };

  unikernelOptions =
    { name, config, ... }:
    {
      options = {
        # With its prefix it is a group's name, for which 31 characters are allowed.
        name = nameOption name "[a-z][a-z0-9_-]{0,20}" "a service's name, of at most 21 small letters, digits, - and _, of which the first is a letter";
        enable = lib.mkOption {
          type = lib.types.bool;
          default = true;
          description = "Whether the unikernel runs.";
        };
        target = lib.mkOption {
          type = lib.types.enum known.services;
          example = "spt";
          description = "What runs it: ${builtins.concatStringsSep ", " (builtins.attrValues known.tenders)}, or nothing, as a program of the host.";
        };
        package = lib.mkOption {
          type = lib.types.package;
          default =
            self.packages.${system}.${config.target}
              or (throw "services.hillingar.unikernels.${name}.target: this flake has no image for ${config.target} on ${system}");
          defaultText = lib.literalExpression "the flake's image for the target";
          description = "The package that holds the image.";
        };
        image = lib.mkOption {
          type = lib.types.strMatching "[^\n]+";
          default =
            config.package.passthru.image
              or (throw "services.hillingar.unikernels.${name}.image: the package does not say which of its files is the image");
          defaultText = lib.literalExpression "package.passthru.image";
          description = "The image's path in the package.";
        };
        tender = lib.mkOption {
          type = lib.types.package;
          default = self.packages.${system}.host-solo5 or pkgs.solo5;
          defaultText = lib.literalExpression "the flake's own solo5, or pkgs.solo5";
          description = "The package that has Solo5's tenders. Its version must be the one that the image was built with.";
        };
        memory = lib.mkOption {
          type = lib.types.ints.positive;
          default = 512;
          description = "The memory in MiB that a tender gives the unikernel.";
        };
        networks = lib.mkOption {
          type = lib.types.attrsOf (lib.types.submodule networkOptions);
          default = { };
          example = {
            service.tap = "tap0";
          };
          description = "The unikernel's networks, by the names that it knows them by.";
        };
        blocks = lib.mkOption {
          type = named deviceName "letters and digits only" hostPath;
          default = { };
          example = {
            data = "/var/lib/data.img";
          };
          description = ''
            The files or devices behind the unikernel's block devices, by the names that it knows them by. Their group is the
            service's own, unikernel-NAME, or they can be read and written by all.
          '';
        };
        arguments = lib.mkOption {
          type = lib.types.listOf lib.types.str;
          default = [ ];
          example = [ "--ipv4=10.0.0.2/24" ];
          description = "The unikernel's own arguments. Each reaches it as it is.";
        };
        capabilities = lib.mkOption {
          type = lib.types.listOf (lib.types.strMatching "CAP_[A-Z_]+");
          default = [ ];
          example = [ "CAP_NET_BIND_SERVICE" ];
          description = "Capabilities that a program of the host keeps.";
        };
      };
    };

  serviceName = unikernel: "hillingar-${unikernel.name}";

  # Not the service's name: systemd makes no user for a service whose name is a group's.
  groupName = unikernel: "unikernel-${unikernel.name}";

  isSolo5 = unikernel: known.tenders ? ${unikernel.target};

  needsKvm = unikernel: builtins.elem unikernel.target known.kvm;

  commandOf =
    unikernel:
    lib.optionals (isSolo5 unikernel) (
      [
        "${unikernel.tender}/bin/${known.tenders.${unikernel.target}}"
        "--mem=${toString unikernel.memory}"
      ]
      ++ map (network: "--net:${network.name}=${network.tap}") (builtins.attrValues unikernel.networks)
      ++ lib.mapAttrsToList (name: path: "--block:${name}=${path}") unikernel.blocks
    )
    ++ [ "${unikernel.package}/${unikernel.image}" ]
    # Without a "--": a tender takes nothing after the image for itself.
    ++ unikernel.arguments;

  blockPaths = unikernel: builtins.attrValues unikernel.blocks;

  serviceOf =
    unikernel:
    let
      taps = lib.optional (unikernel.networks != { }) "${serviceName unikernel}-taps.service";
    in
    {
      description = "The unikernel ${unikernel.name}";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ] ++ taps;
      requires = taps;
      serviceConfig = {
        ExecStart = execLine (commandOf unikernel);
        Restart = "on-failure";
        RestartSec = 1;

        DynamicUser = true;
        SupplementaryGroups = [ (groupName unikernel) ] ++ lib.optional (needsKvm unikernel) "kvm";
        CapabilityBoundingSet = if unikernel.capabilities == [ ] then "" else unikernel.capabilities;
        AmbientCapabilities = unikernel.capabilities;
        NoNewPrivileges = true;
        UMask = "0077";

        ProtectSystem = "strict";
        ProtectHome = true;
        PrivateTmp = true;
        ReadWritePaths = map unitWord (blockPaths unikernel);
        ProtectProc = "invisible";
        ProcSubset = "pid";
        ProtectKernelTunables = true;
        ProtectKernelModules = true;
        ProtectKernelLogs = true;
        ProtectControlGroups = true;
        ProtectClock = true;
        ProtectHostname = true;
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        LockPersonality = true;
        RemoveIPC = true;
        SystemCallArchitectures = "native";
        # solo5-spt locks itself in with a filter of its own.
        SystemCallFilter = [
          "@system-service"
          "seccomp"
          "~@privileged"
          "~@resources"
        ];
        SystemCallErrorNumber = "EPERM";

        # A tender loads the unikernel into memory that it then makes executable.
        MemoryDenyWriteExecute = !isSolo5 unikernel;
        # Tenders ask for a tap interface by its name, through a socket; they need no other.
        RestrictAddressFamilies = [
          "AF_UNIX"
          "AF_INET"
        ]
        ++ lib.optional (!isSolo5 unikernel) "AF_INET6";
        PrivateNetwork = isSolo5 unikernel && unikernel.networks == { };
        DevicePolicy = "closed";
        DeviceAllow =
          lib.optional (unikernel.networks != { }) "/dev/net/tun rw"
          ++ lib.optional (needsKvm unikernel) "/dev/kvm rw"
          ++ map (path: "${unitWord path} rw") (builtins.filter (lib.hasPrefix "/dev/") (blockPaths unikernel));
      }
      // lib.optionalAttrs (!isSolo5 unikernel) {
        PrivateDevices = true;
      };
    };

  # A tap interface that belongs to a group may be used by its members, with no capability.
  tapsOf =
    unikernel:
    let
      networks = builtins.attrValues unikernel.networks;
      ip = "${pkgs.iproute2}/bin/ip";
      remove = network: [
        ip
        "link"
        "delete"
        "dev"
        network.tap
      ];
      make =
        network:
        [
          [
            ip
            "tuntap"
            "add"
            "dev"
            network.tap
            "mode"
            "tap"
            "group"
            (groupName unikernel)
          ]
        ]
        ++ map (address: [
          ip
          "address"
          "add"
          address
          "dev"
          network.tap
        ]) network.addresses
        ++ lib.optional (network.bridge != null) [
          ip
          "link"
          "set"
          "dev"
          network.tap
          "master"
          network.bridge
        ]
        ++ [
          [
            ip
            "link"
            "set"
            "dev"
            network.tap
            "up"
          ]
        ];
    in
    {
      description = "Tap interfaces of the unikernel ${unikernel.name}";
      before = [ "${serviceName unikernel}.service" ];
      after = [ "network-pre.target" ];
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        # One that was left over by a crash is made anew.
        ExecStartPre = map (network: "-${execLine (remove network)}") networks;
        ExecStart = map execLine (builtins.concatMap make networks);
        ExecStopPost = map (network: "-${execLine (remove network)}") networks;
        CapabilityBoundingSet = [ "CAP_NET_ADMIN" ];
        NoNewPrivileges = true;
        ProtectSystem = "strict";
        ProtectHome = true;
        PrivateTmp = true;
        RestrictAddressFamilies = [
          "AF_UNIX"
          "AF_INET"
          "AF_INET6"
          "AF_NETLINK"
        ];
        DevicePolicy = "closed";
        DeviceAllow = [ "/dev/net/tun rw" ];
      };
    };

  # Who has each tap interface.
  owners = lib.foldr (network: all: all // { ${network.tap} = all.${network.tap} or [ ] ++ [ network.option ]; }) { } (
    builtins.concatLists (
      lib.mapAttrsToList (
        name: unikernel:
        lib.mapAttrsToList (device: network: {
          inherit (network) tap;
          option = "services.hillingar.unikernels.${name}.networks.${device}.tap";
        }) unikernel.networks
      ) enabled
    )
  );

  # A master file's line: nothing in a name, type or value can begin another one.
  recordLines =
    name: types:
    lib.concatStrings (
      lib.mapAttrsToList (type: values: lib.concatMapStrings (value: "${name} ${type} ${value}\n") values) types
    );

  zoneText =
    zone:
    if zone.text != null then
      zone.text
    else
      "$TTL ${toString zone.ttl}\n"
      + "@ SOA ${zone.soa.primary} ${zone.soa.hostmaster} ${toString zone.soa.serial} ${toString zone.soa.refresh} ${toString zone.soa.retry} ${toString zone.soa.expire} ${toString zone.soa.minimum}\n"
      + lib.concatStrings (lib.mapAttrsToList recordLines zone.records);

  seconds =
    default: description:
    lib.mkOption {
      type = lib.types.ints.between 0 2147483647;
      inherit default description;
    };

  domainName = lib.types.strMatching "[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.-])?";

  zoneOptions =
    { name, ... }:
    {
      options = {
        name = nameOption name "[A-Za-z0-9_]([A-Za-z0-9_.-]{0,250}[A-Za-z0-9_])?" "a domain name without a final dot";
        text = lib.mkOption {
          type = lib.types.nullOr lib.types.lines;
          default = null;
          description = "The whole zone as a master file, in place of the options below. Names are relative to the zone's.";
        };
        ttl = seconds 3600 "How long answers may be kept, in seconds.";
        soa = {
          primary = lib.mkOption {
            type = domainName;
            default = "ns1";
            description = "The zone's primary name server; without a final dot it is below the zone.";
          };
          hostmaster = lib.mkOption {
            type = domainName;
            default = "hostmaster";
            description = "The mail address of who is responsible, with a dot for the @.";
          };
          serial = lib.mkOption {
            type = lib.types.ints.u32;
            description = "The zone's version: higher with each change.";
          };
          refresh = seconds 7200 "How often a secondary server looks for changes, in seconds.";
          retry = seconds 900 "When it tries again after a failure.";
          expire = seconds 1209600 "When it gives up.";
          minimum = seconds 300 "How long it may be kept that a name does not exist.";
        };
        records = lib.mkOption {
          type =
            named "(@|[^] \t\r\n;()\"$@[][^] \t\r\n;()\"[]*)" "domain names, or @ for the zone itself" (
              named "[A-Z][A-Z0-9]*" "types of records in capitals" (
                lib.types.coercedTo lib.types.str (value: [ value ]) (
                  lib.types.listOf (lib.types.strMatching "[^\n\r()]+")
                )
              )
            );
          default = { };
          example = {
            "@" = {
              NS = "ns1";
              MX = "10 mail";
            };
            ns1.A = "192.0.2.53";
            www.A = [
              "192.0.2.80"
              "192.0.2.81"
            ];
          };
          description = "The zone's records: their data, as master files have it, by name and type.";
        };
      };
    };
in
{
  options.services.hillingar = {
    unikernels = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule unikernelOptions);
      default = { };
      description = "Unikernels that run as services.";
    };

    dns = {
      zones = lib.mkOption {
        type = lib.types.attrsOf (lib.types.submodule zoneOptions);
        default = { };
        description = "Zones that the flake's DNS server is built with, in place of the project's own. A mistake in one fails the build, at its line.";
      };
      addresses = lib.mkOption {
        type = lib.types.listOf (lib.types.strMatching "[0-9a-fA-F.:]+");
        default = [
          "0.0.0.0"
          "::"
        ];
        description = "The addresses that it answers on.";
      };
      port = lib.mkOption {
        type = lib.types.port;
        default = 53;
        description = "The port that it answers on, UDP and TCP.";
      };
      openFirewall = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether the firewall lets queries in.";
      };
      package = lib.mkOption {
        type = lib.types.package;
        default = self.lib.${system}.withSources {
          target = "unix";
          without = [ "zones" ];
          files = lib.mapAttrs' (name: zone: lib.nameValuePair "zones/${zone.name}.zone" (zoneText zone)) cfg.dns.zones;
        };
        defaultText = lib.literalExpression "the flake's program with the zones built in";
        description = "The DNS server.";
      };
    };
  };

  config = lib.mkMerge [
    {
      assertions =
        lib.mapAttrsToList (tap: options: {
          assertion = builtins.length options == 1;
          message = "${builtins.concatStringsSep " and " options} are the same tap interface, ${tap}: each network needs its own.";
        }) owners
        ++ lib.mapAttrsToList (name: unikernel: {
          assertion = isSolo5 unikernel || (unikernel.networks == { } && unikernel.blocks == { });
          message = "services.hillingar.unikernels.${name}: networks and blocks are Solo5's; a program for unix uses the host's own.";
        }) enabled
        ++ lib.mapAttrsToList (name: unikernel: {
          assertion = unikernel.capabilities == [ ] || !isSolo5 unikernel;
          message = "services.hillingar.unikernels.${name}.capabilities: Solo5's tenders run without any.";
        }) enabled
        ++ lib.mapAttrsToList (name: zone: {
          assertion = zone.text == null || zone.records == { };
          message = "services.hillingar.dns.zones.${name}: text is a whole zone, so records must be empty.";
        }) cfg.dns.zones;

      systemd.services =
        lib.mapAttrs' (name: unikernel: lib.nameValuePair (serviceName unikernel) (serviceOf unikernel)) enabled
        // lib.mapAttrs' (name: unikernel: lib.nameValuePair "${serviceName unikernel}-taps" (tapsOf unikernel)) (
          lib.filterAttrs (name: unikernel: unikernel.networks != { }) enabled
        );

      users.groups = lib.mapAttrs' (name: unikernel: lib.nameValuePair (groupName unikernel) { }) enabled;
    }
    (lib.mkIf (cfg.dns.zones != { }) {
      services.hillingar.unikernels.dns = {
        target = "unix";
        package = cfg.dns.package;
        arguments = [
          "--port"
          (toString cfg.dns.port)
        ]
        ++ builtins.concatMap (address: [
          "--address"
          address
        ]) cfg.dns.addresses;
        capabilities = lib.optional (cfg.dns.port < 1024) "CAP_NET_BIND_SERVICE";
      };
      networking.firewall = lib.mkIf cfg.dns.openFirewall {
        allowedUDPPorts = [ cfg.dns.port ];
        allowedTCPPorts = [ cfg.dns.port ];
      };
    })
  ];
}
