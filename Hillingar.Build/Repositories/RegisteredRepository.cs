using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Repositories;

/// <summary>An opam repository that the user gave a name. As text it is its location, so that it can stand wherever one is named.</summary>
/// <param name="Name">The name.</param>
/// <param name="Location">A folder, by full path, or an address.</param>
public sealed record RegisteredRepository(string Name, string Location)
{
    /// <summary>The location.</summary>
    public override string ToString() => Location;
}

/// <summary>The opam repositories that a user gave names, in the order in which they were given. Several processes may change them at once.</summary>
/// <param name="path">The file that keeps them.</param>
public sealed partial class RepositoryRegistry(string path)
{
    const string Repositories = "repositories";

    /// <summary>The user's own: in <c>hillingar</c> below the folder that the system has for settings (<c>XDG_CONFIG_HOME</c> or <c>~/.config</c>; <c>%APPDATA%</c>).</summary>
    public static RepositoryRegistry Default =>
        new(
            Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "hillingar",
                "repositories.json"
            )
        );

    /// <summary>All of them.</summary>
    /// <exception cref="HillingarException">HIL7013: the file is damaged, or cannot be read.</exception>
    public IReadOnlyList<RegisteredRepository> List()
    {
        try
        {
            return File.Exists(path)
                ?
                [
                    .. JsonNode.Parse(File.ReadAllText(path))![Repositories]!
                        .AsArray()
                        .Select(item => new RegisteredRepository((string)item!["name"]!, (string)item["location"]!)),
                ]
                : [];
        }
        catch (Exception exception)
            when (exception
                    is JsonException
                        or InvalidOperationException
                        or NullReferenceException
                        or ArgumentException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            throw new HillingarException(
                "HIL7013",
                $"The file of the registered repositories cannot be read: {exception.Message} Correct it, or delete it and register them again.",
                new Place(path),
                exception
            );
        }
    }

    /// <summary>One by its name, or null; case does not count.</summary>
    public RegisteredRepository? Find(string name) => List().FirstOrDefault(repository => Is(repository, name));

    /// <summary>One by its name; case does not count.</summary>
    /// <exception cref="HillingarException">HIL7012: there is none of that name.</exception>
    public RegisteredRepository Get(string name) =>
        Find(name)
        ?? throw new HillingarException(
            "HIL7012",
            $"There is no registered repository '{name}'. {(Spelling.Nearest(name, List().Select(repository => repository.Name)) is { } near ? $"Did you mean {near}?" : "Get-OpamRepository lists them.")}"
        );

    /// <summary>Gives a repository a name; of one that has it already it is the new location.</summary>
    /// <param name="name">The name.</param>
    /// <param name="location">A folder, by full path, or an address.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL7012: the name is none, or the folder is not there.</exception>
    public async Task<RegisteredRepository> Register(string name, string location, CancellationToken cancellation)
    {
        if (!Name().IsMatch(name))
            throw new HillingarException("HIL7012", $"'{name}' is no name for a repository: up to 64 letters, digits, '.', '_' and '-'.");
        if (!PackageIndex.IsAddress(location) && !Directory.Exists(location))
            throw new HillingarException(
                "HIL7012",
                $"There is no folder '{location}'. Name a folder that holds an opam repository, or an address."
            );
        var repository = new RegisteredRepository(name, location);
        await Change(
                all =>
                    [
                        .. all.Select(other => Is(other, name) ? repository : other),
                        .. all.Any(other => Is(other, name)) ? Array.Empty<RegisteredRepository>() : [repository],
                    ],
                cancellation
            )
            .ConfigureAwait(false);
        return repository;
    }

    /// <summary>Takes a name away; the repository stays as it is.</summary>
    /// <exception cref="HillingarException">HIL7012: there is none of that name.</exception>
    public async Task Unregister(string name, CancellationToken cancellation)
    {
        Get(name);
        await Change(all => [.. all.Where(repository => !Is(repository, name))], cancellation).ConfigureAwait(false);
    }

    async Task Change(Func<IReadOnlyList<RegisteredRepository>, IReadOnlyList<RegisteredRepository>> change, CancellationToken cancellation)
    {
        using var turn = await FolderLock.Take(path + ".lock", cancellation).ConfigureAwait(false);
        AtomicFile.WriteText(
            path,
            JsonText.Of(
                JsonText.Object(
                    (
                        Repositories,
                        JsonText.Array(
                            change(List())
                                .Select(repository =>
                                    (JsonNode?)JsonText.Object(("name", repository.Name), ("location", repository.Location))
                                )
                        )
                    )
                )
            )
        );
    }

    static bool Is(RegisteredRepository repository, string name) => repository.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\z")]
    private static partial Regex Name();
}
