using Hillingar.Build.Confinement;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Realising;

/// <summary>
/// Whether an older dune than the locked one will do: the lock takes the newest that there is, and what is built with it seldom needs that.
/// The sources say what they need: the language of each <c>dune-project</c>, and what the opam files of the packages ask of dune.
/// </summary>
sealed class DuneNeed(Request request, LockFile locked, DuneBuild build)
{
    const int Most = 1 << 20;

    /// <summary>Whether a version will do.</summary>
    /// <param name="version">A version of dune.</param>
    public bool IsMetBy(OpamVersion version)
    {
        // Whoever asks for a version by name is to have it.
        if (
            locked.Version("dune") is not { } wanted
            || request.Dependencies.Any(dependency => dependency.Name == "dune" && dependency.Version.Length > 0)
        )
            return false;
        try
        {
            return version >= wanted
                || (
                    build.Sources.All(source => Allows(source.Path, () => File.ReadAllBytes(source.File), version))
                    && build.Workspace.Inside(all => Vendored(all, version))
                );
        }
        catch (HillingarException)
        {
            // What we cannot read, the locked dune may.
            return false;
        }
    }

    bool Vendored(ConfinedFolder all, OpamVersion version)
    {
        foreach (var entry in locked.Entries.Where(entry => all.HasFolder($"duniverse/{entry.Folder}")))
        {
            var top = $"duniverse/{entry.Folder}/";
            foreach (var file in all.Walk(top.TrimEnd('/')).Where(file => file.Kind == EntryKind.File))
                if (
                    (
                        file.Name == DuneProject.FileName
                        || (file.Path.Length == top.Length + file.Name.Length && entry.Names.Any(name => file.Name == $"{name}.opam"))
                    ) && !Allows(file.Name, () => all.ReadBytes(file.Path, Most) ?? [], version)
                )
                    return false;
        }

        return true;
    }

    static bool Allows(string path, Func<byte[]> read, OpamVersion version) =>
        Path.GetFileName(path) switch
        {
            DuneProject.FileName or "dune-workspace" => DuneText
                .Parse(read(), path)
                .Stanzas.All(stanza =>
                    stanza is not { Head: "lang", Items: [_, { Text: "dune" }, { Text: { } language }, ..] }
                    || new OpamVersion(language) <= version
                ),
            var name when name.EndsWith(".opam", StringComparison.Ordinal) => Allows(
                new PackageFile(Document.Parse(System.Text.Encoding.UTF8.GetString(read()), path)),
                name[..^".opam".Length],
                version
            ),
            _ => true,
        };

    static bool Allows(PackageFile file, string name, OpamVersion version)
    {
        if (!PackageName.IsValid(name))
            return true;
        var package = new OpamPackage(new PackageName(name), file.Version ?? new OpamVersion("dev"));
        var environment = HostPlatform.Current.With("monorepo", true);
        return file
            .Depends.Select(environment.For(package), DependencyOptions.For(package))
            .Atoms()
            .All(atom => atom.Name.Text != "dune" || atom.Versions.Holds(version));
    }
}
