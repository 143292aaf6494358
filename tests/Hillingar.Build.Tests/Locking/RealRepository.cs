using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The real opam repository and the overlays of dune ports, unpacked and opened once for all tests.</summary>
static class RealRepository
{
    static readonly Lazy<Repository> s_main = new(() => new FolderRepository(Corpus.Folder(Corpus.Repository)));
    static readonly Lazy<Repository> s_overlays = new(() => new FolderRepository(Corpus.Folder(Corpus.Overlays)));

    public static Repository Main => Required(Corpus.Repository, s_main);

    public static Repository Overlays => Required(Corpus.Overlays, s_overlays);

    // A skip is an exception: a lazy value would keep it, and tell it as its own.
    static Repository Required(string name, Lazy<Repository> repository)
    {
        TestData.Require(name);
        return repository.Value;
    }
}
