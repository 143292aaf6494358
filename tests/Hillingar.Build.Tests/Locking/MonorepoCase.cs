using System.Text.Json;
using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

/// <summary>A project that opam-monorepo was asked to lock, and what it answered.</summary>
sealed class MonorepoCase
{
    const string Expected = "app.opam.locked", Main = "file:///opam-repository", Overlay = "file:///src/opam-overlays";

    readonly string folder;
    readonly PackageFile app;
    readonly string[] arguments;

    public MonorepoCase(string folder)
    {
        this.folder = folder;
        app = LocalRepository.Read(Path.Combine(folder, "app.opam"));
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "run.json")));
        arguments = run.RootElement.GetProperty("args").GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IsLocked = run.RootElement.GetProperty("rc").GetInt32() == 0;
    }

    public string Name => Path.GetFileName(folder);

    /// <summary>Whether it was locked; else it was told that there is no solution.</summary>
    public bool IsLocked { get; }

    /// <summary>The lock's text.</summary>
    public string Text => File.ReadAllText(Path.Combine(folder, Expected));

    /// <summary>A repository that the case names and that nothing given stands for, or null.</summary>
    public string? Missing(IReadOnlyList<Repository> overlays) =>
        SourceConfig.Of([app]).Repositories.FirstOrDefault(address => address != Main && (address != Overlay || overlays.Count == 0));

    /// <summary>The problem, over those of the given repositories that the case names.</summary>
    /// <param name="repository">What stands for <c>file:///opam-repository</c>.</param>
    /// <param name="overlays">What stands for <c>file:///src/opam-overlays</c>; several are laid over each other.</param>
    /// <param name="rules">Whose rules.</param>
    public LockProblem Problem(Repository repository, IReadOnlyList<Repository> overlays, LockRules rules)
    {
        var config = SourceConfig.Of([app]);
        return new LockProblem
        {
            Folder = folder,
            Name = Name,
            Targets = [app],
            Config = config,
            Repositories = [.. config.Repositories.Select(address => new NamedRepository(address, address == Main ? repository : overlays is [var only] ? only : new OverlayRepository([.. overlays])))],
            // The config's variables are all there are; opam-0install defines this one besides.
            Platforms = [Platform.Of(config.Apply(OpamEnvironment.Empty.With("ocaml:native", true)))],
            Rules = rules,
            OCaml = Argument("--ocaml-version") is { } version ? OpamVersion.Parse(version) : null,
            Tests = !arguments.Contains("--build-only"),
            RequireCrossCompile = arguments.Contains("--require-cross-compile"),
            AllowJbuilder = arguments.Contains("--allow-jbuilder"),
            Arguments = arguments,
        };
    }

    string? Argument(string name) => Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;

    /// <summary>A lock's text as opam-monorepo would write it: without our fields.</summary>
    public static string Without(LockFile locked)
    {
        var document = Document.Parse(locked.ToString());
        foreach (var field in document.Items.OfType<Field>().Select(field => field.Name).Where(name => name.StartsWith("x-hillingar-", StringComparison.Ordinal)).ToList())
            document = document.Remove(field);
        return document.Print();
    }
}
