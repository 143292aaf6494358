using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hillingar.Build.Processes;

namespace Hillingar.Tests;

/// <summary>The NixOS module of a flake: its options, the units that they become, and the programs that those start.</summary>
public sealed class ModuleTests(SharedNix shared) : IAsyncLifetime
{
    readonly NixStore _store = new(Nix.Require("modern"));
    readonly TestFolder _folder = new();
    string _nixpkgs = "";

    public async ValueTask InitializeAsync() => _nixpkgs = await NixpkgsStandIn.Lay(_folder["nixpkgs"]);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        _store.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Texts that mean something to systemd, to a shell, or to JSON.</summary>
    static readonly string[] s_hostile =
    [
        "", " ", "plain", "two words", "100%", "%n %%", "$HOME ${HOME} $$", "it's", "say \"hi\"", "back\\slash\\", "\\x41 \\n", "line\nline", "tab\tbell\u0007", "; rm -rf /", ";",
        "#not a comment", "ünïcödé ☃", "-", "--", "@!+-:", "`id` $(id)", "a=b", "\r", "\u001b[31m", "''${x}''",
    ];

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task A_program_starts_with_exactly_its_arguments(string nix)
    {
        using var store = new NixStore(Nix.Require(nix));
        var settings = $$"""{ services.hillingar.unikernels.shown = { target = "unix"; arguments = {{NixText(s_hostile)}}; }; }""";
        await store.Run(null, ["build", "--no-link", .. Expression("package", settings)]);
        var unit = Unit((await store.Json(null, ["eval", "--json", .. Expression("nixos", settings)])).GetProperty("services").GetProperty("hillingar-shown"));
        var words = Assert.Single(await Commands("hillingar-shown", unit, "ExecStart"));
        // The command line by hand, but for the shell that would spoil it.
        var shown = _folder[$"shown-{nix}"];
        var result = await ProcessRunner.Run(new Command(words[0], words[1..], Environment: new Dictionary<string, string?> { ["HOME"] = "/wrong", ["SHOWN"] = shown }), TestContext.Current.CancellationToken);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(s_hostile, (await File.ReadAllTextAsync(shown, TestContext.Current.CancellationToken)).Split('\0')[..^1]);
    }

    [Fact]
    public async Task A_tender_gets_its_devices_before_the_image_and_the_arguments_after_it()
    {
        var services = (await Evaluate("""
            {
              services.hillingar.unikernels.dns = {
                target = "spt";
                memory = 64;
                networks.service = { tap = "tap0"; addresses = [ "10.0.0.1/24" "fd00::1/64" ]; bridge = "br0"; };
                networks.management.tap = "tap1";
                blocks.data = "/var/lib/a b$c%d.img";
                arguments = [ "--ipv4=10.0.0.2/24" "a b" ];
              };
            }
            """)).GetProperty("services");
        var words = Assert.Single(await Commands("hillingar-dns", Unit(services.GetProperty("hillingar-dns")), "ExecStart"));
        Assert.EndsWith("/bin/solo5-spt", words[0], StringComparison.Ordinal);
        Assert.Equal(["--mem=64", "--net:management=tap1", "--net:service=tap0", "--block:data=/var/lib/a b$c%d.img"], words[1..5]);
        Assert.EndsWith("/shown", words[5], StringComparison.Ordinal);
        Assert.Equal(["--ipv4=10.0.0.2/24", "a b"], words[6..]);
        var taps = services.GetProperty("hillingar-dns-taps");
        Assert.Equal(["hillingar-dns-taps.service"], Texts(services.GetProperty("hillingar-dns").GetProperty("requires")));
        Assert.Equal(
            ["tuntap add dev tap1 mode tap group unikernel-dns", "link set dev tap1 up", "tuntap add dev tap0 mode tap group unikernel-dns", "address add 10.0.0.1/24 dev tap0", "address add fd00::1/64 dev tap0", "link set dev tap0 master br0", "link set dev tap0 up"],
            (await Commands("hillingar-dns-taps", Unit(taps), "ExecStart")).Select(command => string.Join(' ', command[1..])));
    }

    [Theory]
    [InlineData("unix", "", "PrivateDevices=true", "MemoryDenyWriteExecute=true")]
    [InlineData("spt", "networks.service.tap = \"tap0\";", "DeviceAllow=/dev/net/tun rw", "PrivateNetwork=false")]
    [InlineData("hvt", "networks.service.tap = \"tap0\"; blocks.data = \"/dev/disk/by-label/data\";", "DeviceAllow=/dev/kvm rw", "DeviceAllow=\"/dev/disk/by-label/data\" rw")]
    [InlineData("spt", "blocks.data = \"/var/lib/data.img\";", "PrivateNetwork=true", "ReadWritePaths=\"/var/lib/data.img\"")]
    public async Task Its_units_are_hardened_and_systemd_takes_them_as_they_are(string target, string devices, params string[] settings)
    {
        var result = await Evaluate($$"""{ services.hillingar.unikernels.shown = { target = "{{target}}"; {{devices}} }; }""");
        Assert.Empty(result.GetProperty("failed").EnumerateArray());
        Assert.Equal(["unikernel-shown"], Texts(result.GetProperty("groups")));
        foreach (var service in result.GetProperty("services").EnumerateObject())
            Assert.Equal("", await Verify(service.Name, Unit(service.Value)));
        var unit = Unit(result.GetProperty("services").GetProperty("hillingar-shown")).Split('\n');
        string[] always =
        [
            "DynamicUser=true", "NoNewPrivileges=true", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=true", "PrivateTmp=true", "RestrictNamespaces=true", "DevicePolicy=closed",
            "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged",
        ];
        foreach (var line in always.Concat(settings))
            Assert.Contains(line, unit);
    }

    [Theory]
    [InlineData("memory = -1;", "services.hillingar.unikernels.x.memory")]
    [InlineData("memory = 0;", "services.hillingar.unikernels.x.memory")]
    [InlineData("memory = \"64\";", "services.hillingar.unikernels.x.memory")]
    [InlineData("package = \"dns\";", "services.hillingar.unikernels.x.package")]
    [InlineData("networks.service.tap = \"sixteen-letters-\";", "services.hillingar.unikernels.x.networks.service.tap")]
    [InlineData("networks.service.tap = \"a/b\";", "services.hillingar.unikernels.x.networks.service.tap")]
    [InlineData("networks.service.tap = \"..\";", "services.hillingar.unikernels.x.networks.service.tap")]
    [InlineData("networks.service = { tap = \"tap0\"; addresses = [ \"10.0.0.1\" ]; };", "services.hillingar.unikernels.x.networks.service.addresses")]
    [InlineData("networks.\"a=b\".tap = \"tap0\";", "services.hillingar.unikernels.x.networks.\"a=b\".name")]
    [InlineData("networks.service = { };", "services.hillingar.unikernels.x.networks.service.tap")]
    [InlineData("blocks.data = \"disk.img\";", "services.hillingar.unikernels.x.blocks")]
    [InlineData("blocks.data = \"/disk\\n.img\";", "services.hillingar.unikernels.x.blocks")]
    [InlineData("arguments = \"--ipv4\";", "services.hillingar.unikernels.x.arguments")]
    [InlineData("capabilities = [ \"root\" ];", "services.hillingar.unikernels.x.capabilities")]
    [InlineData("memroy = 64;", "services.hillingar.unikernels.x.memroy")]
    public async Task A_wrong_value_is_an_error_of_its_option(string setting, string option) =>
        await Refused($$"""{ services.hillingar.unikernels.x = { target = "spt"; {{setting}} }; }""", option);

    [Theory]
    [InlineData("unikernels.\"two words\".target = \"spt\";", "services.hillingar.unikernels.\"two words\".name")]
    [InlineData("unikernels.a-name-that-is-too-long-for-a-group.target = \"spt\";", "services.hillingar.unikernels.a-name-that-is-too-long-for-a-group.name")]
    [InlineData("unikernels.x = { };", "services.hillingar.unikernels.x.target")]
    [InlineData("unikernels.x.target = \"virtualbox\";", "services.hillingar.unikernels.x.target")]
    [InlineData("dns.zones.\"example.org.\".text = \"\";", "services.hillingar.dns.zones.\"example.org.\".name")]
    [InlineData("dns.zones.\"../x\".text = \"\";", "services.hillingar.dns.zones.\"../x\".name")]
    [InlineData("dns.zones.\"a b\".text = \"\";", "services.hillingar.dns.zones.\"a b\".name")]
    [InlineData("dns.zones.\"x.org\".soa.serial = -1;", "services.hillingar.dns.zones.\"x.org\".soa.serial")]
    [InlineData("dns.zones.\"x.org\" = { soa.serial = 1; records.\"a b\".A = \"192.0.2.1\"; };", "services.hillingar.dns.zones.\"x.org\".records")]
    [InlineData("dns.zones.\"x.org\" = { soa.serial = 1; records.\"$INCLUDE\".A = \"192.0.2.1\"; };", "services.hillingar.dns.zones.\"x.org\".records")]
    [InlineData("dns.zones.\"x.org\" = { soa.serial = 1; records.www.a = \"192.0.2.1\"; };", "services.hillingar.dns.zones.\"x.org\".records.www")]
    [InlineData("dns.zones.\"x.org\" = { soa.serial = 1; records.www.A = \"192.0.2.1\\nmail A 192.0.2.2\"; };", "services.hillingar.dns.zones.\"x.org\".records.www.A")]
    [InlineData("dns.zones.\"x.org\" = { soa.serial = 1; records.www.A = 5; };", "services.hillingar.dns.zones.\"x.org\".records.www.A")]
    [InlineData("dns.zones.\"x.org\".records.www.A = \"192.0.2.1\";", "services.hillingar.dns.zones.\"x.org\".soa.serial")]
    [InlineData("dns.port = 65536; dns.zones.\"x.org\".text = \"\";", "services.hillingar.dns.port")]
    [InlineData("dns.addresses = [ \"localhost\" ]; dns.zones.\"x.org\".text = \"\";", "services.hillingar.dns.addresses")]
    public async Task Wrong_names_and_zones_are_errors_of_their_option(string setting, string option) => await Refused($$"""{ services.hillingar = { {{setting}} }; }""", option);

    [Theory]
    [InlineData("unikernels.a = { target = \"spt\"; networks.x.tap = \"tap0\"; }; unikernels.b = { target = \"spt\"; networks.y.tap = \"tap0\"; };", "unikernels.b.networks.y.tap and services.hillingar.unikernels.a.networks.x.tap are the same")]
    [InlineData("unikernels.a = { target = \"spt\"; networks.x.tap = \"tap0\"; networks.y.tap = \"tap0\"; };", "unikernels.a.networks.y.tap and services.hillingar.unikernels.a.networks.x.tap are the same")]
    [InlineData("unikernels.a = { target = \"unix\"; networks.x.tap = \"tap0\"; };", "unikernels.a: networks and blocks are Solo5's")]
    [InlineData("unikernels.a = { target = \"hvt\"; capabilities = [ \"CAP_SYS_ADMIN\" ]; };", "unikernels.a.capabilities")]
    [InlineData("dns.zones.\"x.org\" = { text = \"x\"; records.www.A = \"192.0.2.1\"; };", "dns.zones.x.org: text is a whole zone")]
    public async Task Values_that_do_not_go_together_fail_an_assertion(string setting, string message) =>
        Assert.Contains(message, Assert.Single(Texts((await Evaluate($$"""{ services.hillingar = { {{setting}} }; }""")).GetProperty("failed"))), StringComparison.Ordinal);

    [Fact]
    public async Task One_that_is_not_enabled_is_not_there()
    {
        var result = await Evaluate("""{ services.hillingar.unikernels.a = { enable = false; target = "spt"; networks.x.tap = "tap0"; }; services.hillingar.unikernels.b = { target = "spt"; networks.x.tap = "tap0"; }; }""");
        Assert.Empty(result.GetProperty("failed").EnumerateArray());
        Assert.Equal(["hillingar-b", "hillingar-b-taps"], result.GetProperty("services").EnumerateObject().Select(service => service.Name));
    }

    [Fact]
    public async Task Zones_of_options_are_master_files_that_BIND_takes()
    {
        const string Settings = """
            {
              services.hillingar.dns = {
                openFirewall = true;
                addresses = [ "192.0.2.53" "::1" ];
                zones."example.org" = {
                  soa.serial = 2026112301;
                  records = {
                    "@" = { NS = [ "ns1" "ns2.example.net." ]; MX = "10 mail"; TXT = ''"v=spf1 -all; \"x\""''; };
                    ns1.A = "192.0.2.53";
                    www = { A = [ "192.0.2.80" "192.0.2.81" ]; AAAA = "2001:db8::80"; };
                    "*.wild".A = "192.0.2.90";
                    "_dns._udp".SRV = "0 0 53 ns1";
                    mail.A = "192.0.2.25";
                  };
                };
                zones."2.0.192.in-addr.arpa".text = "@ 60 SOA a b 1 2 3 4 5\n@ 60 NS a.example.org.\n";
              };
            }
            """;
        var result = await Evaluate(Settings);
        var words = Assert.Single(await Commands("hillingar-dns", Unit(result.GetProperty("services").GetProperty("hillingar-dns")), "ExecStart"));
        Assert.Equal(["--port", "53", "--address", "192.0.2.53", "--address", "::1"], words[1..]);
        Assert.Contains("AmbientCapabilities=CAP_NET_BIND_SERVICE", Unit(result.GetProperty("services").GetProperty("hillingar-dns")).Split('\n'));
        Assert.Equal("""{"allowedTCPPorts":[53],"allowedUDPPorts":[53]}""", result.GetProperty("firewall").GetRawText());
        var sources = result.GetProperty("sources");
        Assert.Equal("""["zones"]""", sources.GetProperty("without").GetRawText());
        Assert.Equal("unix", sources.GetProperty("target").GetString());
        Assert.Equal(["zones/2.0.192.in-addr.arpa.zone", "zones/example.org.zone"], sources.GetProperty("files").EnumerateObject().Select(file => file.Name));
        var checker = ProcessRunner.Find("named-checkzone");
        Assert.SkipWhen(checker is null, "needs the program 'named-checkzone' (Debian: bind9-utils)");
        foreach (var file in sources.GetProperty("files").EnumerateObject())
        {
            var zone = Path.GetFileNameWithoutExtension(file.Name);
            var verdict = await ProcessRunner.Run(new Command(checker!, ["-i", "local", zone, _folder.Write(file.Name, file.Value.GetString()!)]), TestContext.Current.CancellationToken);
            Assert.True(verdict.ExitCode == 0, verdict.Output + file.Value.GetString());
        }
    }

    [Fact]
    public async Task The_flakes_own_server_answers_for_zones_of_options_and_for_no_others()
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        var flake = await sample.Flake("flake-module");
        var file = _folder.Write("flake.nix", $$"""
            let
              flake = builtins.getFlake "path:{{flake}}";
              nixpkgs = flake.inputs.nixpkgs;
            in
            import {{Path.Combine(TestData.Root, "tests", "Hillingar.Nix.Tests", "Module", "nixos.nix")}} {
              inherit (nixpkgs) lib;
              pkgs = nixpkgs.legacyPackages.x86_64-linux;
              module = flake.nixosModules.default;
              settings.services.hillingar.dns = {
                port = 0;
                addresses = [ "127.0.0.1" ];
                zones."options.example" = {
                  soa.serial = 1;
                  records = { "@".NS = "ns1"; ns1.A = "192.0.2.53"; www.A = [ "192.0.2.80" ]; };
                };
              };
            }
            """);
        var service = (await store.Json(null, "eval", "--json", "--impure", "-f", file, "services")).GetProperty("hillingar-dns");
        var words = Assert.Single(await Commands("hillingar-dns", Unit(service), "ExecStart"));
        await store.Run(null, "build", "--no-link", "--impure", "--expr", $"(import {file}).package");
        Assert.Equal("192.0.2.80", await DnsServer.Answers(words, "www.options.example"));
        Assert.Equal("", await DnsServer.Answers(words, "www.example.org"));
    }

    async Task Refused(string settings, string option)
    {
        var result = await _store.Try(null, ["eval", "--json", .. Expression("nixos", settings)]);
        Assert.True(result.ExitCode != 0, $"{settings} was taken:\n{result.Output}");
        var error = result.Error[result.Error.LastIndexOf("error:", StringComparison.Ordinal)..];
        Assert.Matches($@"option [`']{Regex.Escape(option)}(\.data|\.addresses\.""?\[definition 1-entry 1\]""?|\.\[definition 1-entry 1\]|\.""\[definition 1-entry 1\]"")?'|{Regex.Escape(option)}:", error);
    }

    async Task<JsonElement> Evaluate(string settings) => await _store.Json(null, ["eval", "--json", .. Expression("nixos", settings)]);

    // The module in a flake that has one image, a script which writes its arguments to a file.
    string[] Expression(string wanted, string settings)
    {
        var file = _folder.Write($"{Guid.NewGuid():n}.nix", $$"""
            let
              nixpkgs = builtins.getFlake "{{_nixpkgs}}";
              lib = {{NixpkgsStandIn.Lib}};
              system = "x86_64-linux";
              pkgs = nixpkgs.legacyPackages.${system} // { iproute2 = link "ip"; solo5 = link "solo5-spt"; };
              # Packages that the machine need not have: only their paths matter.
              link = name: nixpkgs.legacyPackages.${system}.writeShellScriptBin name "";
              package = (nixpkgs.legacyPackages.${system}.writeTextFile {
                name = "shown";
                executable = true;
                destination = "/shown";
                text = "#!/bin/sh\nfor argument in \"$@\"; do printf '%s\\0' \"$argument\"; done > $SHOWN\n";
              }) // { passthru.image = "shown"; };
              self = {
                packages.${system} = { unix = package; spt = package; hvt = package; };
                lib.${system}.withSources = sources: package // { inherit sources; };
              };
              nixos = import {{Path.Combine(TestData.Root, "tests", "Hillingar.Nix.Tests", "Module", "nixos.nix")}} { inherit lib pkgs module settings; };
              module = import {{Path.Combine(TestData.Root, "Hillingar.Build", "Nix", "Flake", "module.nix")}} { inherit self; };
              settings = {{settings}};
            in
            {{wanted}}
            """);
        return ["--impure", "-f", file];
    }

    static string NixText(IEnumerable<string> values) =>
        $"[ {string.Join(' ', values.Select(value => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("$", "\\$", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal)}\""))} ]";

    static List<string> Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    // As NixOS writes it.
    static string Unit(JsonElement service)
    {
        static string Value(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? (value.GetBoolean() ? "true" : "false") : value.ToString();
        var lines = service.GetProperty("serviceConfig").EnumerateObject()
            .SelectMany(setting => (setting.Value.ValueKind == JsonValueKind.Array ? [.. setting.Value.EnumerateArray()] : new[] { setting.Value }).Select(value => $"{setting.Name}={Value(value)}\n"));
        return $"[Unit]\nDescription={service.GetProperty("description").GetString()}\n[Service]\n{string.Concat(lines)}";
    }

    // What systemd has to say about a unit's settings. The programs in it are not built, so that it is not asked about those.
    async Task<string> Verify(string name, string unit)
    {
        var program = Systemd("systemd-analyze");
        var text = string.Join('\n', unit.Split('\n').Where(line => !line.StartsWith("Exec", StringComparison.Ordinal)).Append("ExecStart=/bin/true"));
        var result = await ProcessRunner.Run(new Command(program, ["--man=no", "verify", _folder.Write($"verify/{name}.service", text)]), TestContext.Current.CancellationToken);
        return result.Error + result.Output + (result.ExitCode == 0 ? "" : $"exit code {result.ExitCode}");
    }

    /// <summary>A setting's commands as systemd itself reads them: a manager that is only tested prints what it has loaded.</summary>
    async Task<IReadOnlyList<string[]>> Commands(string name, string unit, string setting)
    {
        var program = Systemd("/lib/systemd/systemd");
        var units = Path.GetDirectoryName(_folder.Write($"commands/{name}.service", unit))!;
        // The manager of a user, as that of the system wants to be the first process. It refuses to be root's.
        if (Environment.UserName == "root" && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        string[] drop = Environment.UserName == "root" ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        string[] command = [.. drop, program, "--test", "--user", $"--unit={name}.service"];
        var result = await ProcessRunner.Run(new Command(command[0], command[1..], Environment: new Dictionary<string, string?>
        {
            ["HOME"] = "/nonexistent",
            ["XDG_RUNTIME_DIR"] = "/tmp",
            ["XDG_CONFIG_HOME"] = null,
            ["SYSTEMD_LOG_TARGET"] = "console",
            ["SYSTEMD_UNIT_PATH"] = $"{units}:/usr/lib/systemd/user",
        }), TestContext.Current.CancellationToken);
        var lines = (result.Output + result.Error).Split('\n').Select(line => line.Trim()).SkipWhile(line => line != $"-> Unit {name}.service:").Skip(1).TakeWhile(line => !line.StartsWith("-> Unit ", StringComparison.Ordinal));
        var found = lines.SkipWhile(line => line != $"-> {setting}:").Skip(1).TakeWhile(line => line.StartsWith("Command Line: ", StringComparison.Ordinal)).Select(line => Words(line["Command Line: ".Length..])).ToList();
        Assert.True(found.Count > 0, $"systemd loaded no {setting}:\n{unit}\n{result.Error}");
        return found;
    }

    // The words of a dumped command line: quoted where they must be, with C's escapes and the shell's. Of "$$" systemd makes "$" as it starts the program.
    static string[] Words(string line)
    {
        var (words, word, quoted, bytes) = (new List<string>(), new List<byte>(), false, Encoding.UTF8.GetBytes(line));
        for (var i = 0; i < bytes.Length; i++)
            switch ((char)bytes[i])
            {
                case '"':
                    quoted = !quoted;
                    break;
                case ' ' when !quoted:
                    words.Add(Encoding.UTF8.GetString([.. word]));
                    word.Clear();
                    break;
                case '\\':
                    var next = (char)bytes[++i];
                    if (char.IsAsciiDigit(next))
                    {
                        word.Add(Convert.ToByte(Encoding.ASCII.GetString(bytes, i, 3), 8));
                        i += 2;
                    }
                    else
                    {
                        word.Add((byte)("abtnvfr".IndexOf(next, StringComparison.Ordinal) is >= 0 and var control ? control + 7 : next));
                    }

                    break;
                default:
                    word.Add(bytes[i]);
                    break;
            }

        return [.. words.Append(Encoding.UTF8.GetString([.. word])).Select(text => text.Replace("$$", "$", StringComparison.Ordinal))];
    }

    static string Systemd(string program)
    {
        var found = Path.IsPathRooted(program) ? File.Exists(program) ? program : null : ProcessRunner.Find(program);
        Assert.SkipWhen(found is null, "needs systemd's own programs (Debian: systemd)");
        return found!;
    }
}
