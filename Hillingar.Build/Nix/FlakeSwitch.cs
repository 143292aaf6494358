using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Sources;
using Hillingar.Build.Switches;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Nix;

/// <summary>The host switch in a flake's plan: how Nix builds each package that nixpkgs has not at the locked version.</summary>
/// <param name="locked">The lock.</param>
/// <param name="descriptions">The opam file of a locked package, or null where no repository has it.</param>
sealed partial class FlakeSwitch(LockFile locked, Func<OpamPackage, RepositoryPackage?> descriptions)
{
    // Packages that come with whatever compiler there is.
    static readonly HashSet<string> s_compiler =
    [
        "ocaml",
        "ocaml-config",
        "ocaml-base-compiler",
        "ocaml-compiler",
        "ocaml-system",
        "ocaml-variants",
    ];

    // Of nixpkgs' packages only tools are taken, and libraries that nothing else of ours shares: others depend on versions of their own.
    static readonly Dictionary<string, string> s_tools = new()
    {
        ["ocamlfind"] = "findlib",
        ["ocamlbuild"] = "ocamlbuild",
        ["ocaml-solo5"] = "ocaml-solo5",
    };

    readonly FlakeSources _sources = new(locked);

    /// <summary>The packages of the switch: what the lock selects and does not vendor, and what it says belongs to the switch.</summary>
    public IReadOnlyList<OpamPackage> Packages { get; } = locked.HostPackages;

    string? Version => Packages.Where(package => package.Name.Text == "ocaml").Select(package => package.Version.Text).FirstOrDefault();

    /// <summary>The compiler: its version, where nixpkgs has it, and the packages that it stands for.</summary>
    public JsonObject Compiler()
    {
        var version = Version ?? throw new HillingarException("HIL5006", $"The lock has no OCaml compiler. Lock again: {Advice.LockAnew}.");
        // nixpkgs' compilers are built without options.
        var isPlain = !Packages.Any(package =>
            package.Name.Text is "ocaml-variants" || package.Name.Text.StartsWith("ocaml-option-", StringComparison.Ordinal)
        );
        return JsonText.Object(
            ("version", FlakeText.Checked(version)),
            ("newer", false),
            ("nixpkgs", JsonText.Strings(isPlain ? [.. Set(version), "ocaml"] : [])),
            ("packages", JsonText.Strings(Packages.Where(IsCompiler).Select(package => package.Name.Text)))
        );
    }

    /// <summary>The packages as one system builds them, by name.</summary>
    public SortedDictionary<string, JsonObject> On(NixSystem system)
    {
        var descriptionOf = Packages.ToDictionary(package => package, descriptions);
        var installed = descriptionOf.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => Installed(pair.Value!));
        var variables = new SwitchVariables(Globals(system), installed.Values);
        var plans = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var package in Packages)
            plans[package.Name.Text] =
                installed.TryGetValue(package, out var item) && (package.Name.Text != "ocaml" || Compilers.Any())
                    ? Plan(item, variables, system)
                    : Missing(package);
        return plans;
    }

    /// <summary>The sources of packages that have some, and what is added to them.</summary>
    public IEnumerable<(Source Source, string Name)> Sources()
    {
        foreach (var package in Packages)
            if (descriptions(package) is { Url: { } url } description)
            {
                yield return (SourceOf(package, url), package.ToString());
                foreach (var extra in Preparation.Of(description, package.Name.Text)?.ExtraSources(locked) ?? [])
                    yield return (extra, "extra");
            }
    }

    Source SourceOf(OpamPackage package, SourceUrl url) =>
        locked.SourceOf(new LockedSource(url.Url, package.ToString(), url.Checksums)) with
        {
            Mirrors = url.Mirrors,
        };

    SwitchPackage Installed(RepositoryPackage description)
    {
        var compiler = Compilers.DefaultIfEmpty(description.Package).First();
        return new SwitchPackage(description, new SwitchLayout(FlakeText.Mark(description.Package.Name.Text)))
        {
            // What findlib and others must know is whether the compiler lies in a prefix that they cannot write to; in Nix it always does.
            Config =
                description.Package.Name.Text == "ocaml"
                    ? OCamlConfig
                        .Of(compiler, FlakeText.Mark(compiler.Name.Text) + "/lib/ocaml")
                        .ToImmutableDictionary()
                        .SetItem("preinstalled", true)
                    : ImmutableDictionary<string, VariableValue>.Empty,
        };
    }

    // The package ocaml only says what the compiler beside it is.
    IEnumerable<OpamPackage> Compilers =>
        Packages.Where(package => package.Name.Text is "ocaml-base-compiler" or "ocaml-variants" or "ocaml-system");

    JsonObject Missing(OpamPackage package) =>
        JsonText.Object(
            ("version", FlakeText.Checked(package.Version.Text)),
            ("nixpkgs", JsonText.Strings(Offer(package))),
            ("newer", package.Name.Text == "dune"),
            ("virtual", package.Name.Text.StartsWith("base-", StringComparison.Ordinal)),
            (
                "unbuildable",
                $"the lock has nothing to build it from: it took the tool of the machine that made it. Choose a nixpkgs that has this version, or lock with HillingarHostSwitch=locked"
            ),
            ("depends", new JsonArray()),
            ("system", new JsonArray())
        );

    // What else is in the switch is none of a package's business: Nix builds it without.
    static SwitchVariables Seen(SwitchPackage item, SwitchVariables all, NixSystem system)
    {
        var seen = new Dictionary<OpamPackage, SwitchPackage>();
        var rest = new Queue<SwitchPackage>([item]);
        while (rest.TryDequeue(out var next))
            foreach (var dependency in all.Dependencies(next).Select(dependency => all.Installed(dependency.Name)!))
                if (seen.TryAdd(dependency.Package, dependency))
                    rest.Enqueue(dependency);
        return new SwitchVariables(Globals(system), seen.Values);
    }

    JsonObject Plan(SwitchPackage item, SwitchVariables all, NixSystem system)
    {
        var package = item.Package;
        var variables = Seen(item, all, system);
        var steps = PackageSteps.Of(item, variables);
        var file = item.Description.Read();
        var isConf = file.Flags.Contains("conf") && package.Name.Text.StartsWith("conf-", StringComparison.Ordinal);
        var isVirtual = isConf || (steps.Source is null && steps.Build.IsEmpty && steps.Install.IsEmpty && steps.Preparation is null);
        var environment = steps
            .Dependencies.Where(dependency => !IsCompiler(dependency))
            .Select(dependency => variables.Installed(dependency.Name)!)
            .SelectMany(dependency => SwitchEnvironment.OfPackage(dependency, variables))
            .Concat(steps.BuildEnvironment);
        var plan = JsonText.Object(
            ("version", FlakeText.Checked(package.Version.Text)),
            ("nixpkgs", JsonText.Strings(Offer(package))),
            ("newer", package.Name.Text == "dune"),
            ("virtual", isVirtual),
            ("depends", JsonText.Strings(steps.Dependencies.Select(dependency => dependency.Name.Text))),
            ("system", JsonText.Strings(SystemPackages(package, file, system)))
        );
        if (isVirtual)
            return plan;
        plan["label"] = FlakeText.StoreName(package.ToString());
        if (steps.Source is { } source)
            plan["source"] = _sources.Of(SourceOf(package, source), package.ToString());
        if (steps.Preparation is { } preparation)
            plan["prepare"] = _sources.Of(preparation, steps.Patches, Variables(item, variables, system));
        plan["environment"] = JsonText.Array(environment.Select(Update));
        plan["build"] = JsonText.Array(steps.Build.Select(Command));
        plan["install"] = JsonText.Array(steps.Install.Select(Command));
        return plan;
    }

    // Which variables a file.in uses, is known only where it is unpacked.
    static IEnumerable<(string Name, string Value)> Variables(SwitchPackage item, SwitchVariables variables, NixSystem system)
    {
        string[] folders = ["prefix", "bin", "sbin", "lib", "share", "doc", "etc", "man", "stublibs", "toplevel"];
        string[] ofPackage =
        [
            "name",
            "version",
            "installed",
            "pinned",
            "dev",
            "hash",
            "depends",
            "bin",
            "sbin",
            "lib",
            "share",
            "doc",
            "etc",
            "man",
        ];
        var scope = variables.For(item, commands: false);
        var own = Globals(system)
            .Variables.Keys.Where(name => !name.Contains(':'))
            .Concat(folders)
            .Concat(ofPackage)
            .Select(name => new Variable(null, name));
        var others = variables.Packages.SelectMany(other =>
            ofPackage.Concat(other.Config.Keys).Select(name => new Variable(other.Package.Name.Text, name))
        );
        return own.Concat(ofPackage.Select(name => new Variable("_", name)))
            .Concat(others)
            .Select(variable => (Name: variable.ToString(), Value: scope.Lookup(variable)?.ToString()))
            // A file that tells the number of this machine's processors would be another one on the next.
            .Where(pair => pair.Value is not null)
            .Select(pair => (pair.Name, pair.Name == "jobs" ? "1" : pair.Value!));
    }

    static OpamEnvironment Globals(NixSystem system) =>
        SwitchVariables.Globals(system.Environment, 1, "/nonexistent", "hillingar").With("jobs", FlakeText.Cores);

    bool IsCompiler(OpamPackage package) => s_compiler.Contains(package.Name.Text) || descriptions(package)?.HasFlag("compiler") == true;

    IReadOnlyList<string> Offer(OpamPackage package)
    {
        var set = Set(Version ?? "");
        return package.Name.Text switch
        {
            "solo5" => ["solo5"],
            "dune" => [.. set, package.Version.Text.StartsWith("2.", StringComparison.Ordinal) ? "dune_2" : "dune_3"],
            var name when s_tools.TryGetValue(name, out var attribute) => [.. set, attribute],
            _ => [],
        };
    }

    // nixpkgs keeps the packages for each compiler apart: ocaml-ng.ocamlPackages_5_4.
    static IReadOnlyList<string> Set(string version) =>
        version.Split('.') is [var major, var minor, ..]
            ? ["ocaml-ng", $"ocamlPackages_{FlakeText.StoreName(major)}_{FlakeText.StoreName(minor)}"]
            : [];

    static IReadOnlyList<string> SystemPackages(OpamPackage package, PackageFile file, NixSystem system)
    {
        var variables = system.Environment.For(package);
        var named = file.Depexts.Where(depext => depext.Filter.Holds(variables)).SelectMany(depext => depext.Value).Distinct().ToList();
        if (named.Count > 0 || file.Depexts.Length == 0)
            return named.Find(name => !Attribute().IsMatch(name)) is { } odd
                ? throw new HillingarException(
                    "HIL5080",
                    $"{package} asks for '{Unpacker.Printable(odd)}' of nixpkgs, which is no attribute's name. Do not use the package."
                )
                : named;
        return NixpkgsNames.Of(file.Depexts.SelectMany(depext => depext.Value));
    }

    static JsonArray Command(ImmutableArray<string> words) => JsonText.Array(words.Select(FlakeText.Pieces));

    static JsonObject Update(VariableUpdate update) =>
        VariableName().IsMatch(update.Variable)
            ? JsonText.Object(
                ("name", update.Variable),
                (
                    "how",
                    update.Operator switch
                    {
                        UpdateOperator.Set => "set",
                        UpdateOperator.Append or UpdateOperator.AppendAlways => "append",
                        _ => "prepend",
                    }
                ),
                ("value", FlakeText.Pieces(update.Value))
            )
            : throw new HillingarException(
                "HIL5080",
                $"'{Unpacker.Printable(update.Variable)}' is no name of an environment variable. Do not use the package that sets it."
            );

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_'-]*(\.[A-Za-z_0-9][A-Za-z0-9_'-]*)*$")]
    private static partial Regex Attribute();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariableName();
}
