using System.Text.RegularExpressions;
using Hillingar.Build.Confinement;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What lies in a folder that strangers filled is reached through <see cref="ConfinedFolder"/>. Who opens files otherwise says which of our own.</summary>
public sealed partial class OwnPlacesTests
{
    // The files of Hillingar.Build that reach for files by path, with what of ours they are. A new one has to find its line here, or go through ConfinedFolder.
    static readonly Dictionary<string, string> s_own = new()
    {
        ["Confinement"] = "the type itself",
        ["Files"] = "beneath everything: temporary names beside a place of ours, locks, whole folders by the type",
        ["Processes"] = "programs and /proc",
        ["Sandboxes"] = "the system's folders and control groups",
        ["Running"] = "records of runs in the user's own state folder, images and devices that the user names",
        ["Nix"] = "flakes in the user's folders, and what Nix made, in its store",
        ["Projects"] = "the project's own folder",
        ["Requests"] = "the project's own folder, and the machine's facts",
        ["Storage/StoreFolder.cs"] = "the store itself",
        ["Auditing"] = "the store, and whether a folder is there",
        ["Configuring"] = "the folder that mirage is to write into, made for it, and the project's own sources",
        ["Graphs/Graphviz.cs"] = "a temporary folder of our own",
        ["Images/ElfFile.cs"] = "an image that the user names",
        ["Images/ImageFile.cs"] = "an image that the user names",
        ["Images/ImageLibraries.cs"] = "whether the folder is there",
        ["Locking"] = "locks beside the project, and a temporary folder of our own",
        ["Publishing/Licences.cs"] = "the folder that is published, made anew",
        ["Publishing/PackagePublisher.cs"] = "the user's repository; the unpacked archive's top, of which the links were checked",
        ["Publishing/UnikernelPublisher.cs"] = "the folder that is published, made anew",
        ["Locks"] = "locks beside the project, and dune's own folder of them there",
        ["Realising/DuneAdvice.cs"] = "whether the duniverse is there",
        ["Realising/DuneFiles.cs"] = "the project's own dune files",
        ["Realising/DuneNeed.cs"] = "the project's own dune and opam files",
        ["Repositories/PackageDefsReader.cs"] = "a file that the project names",
        ["Repositories/RepositoryOpener.cs"] = "whether a folder that the project names is there",
        ["Repositories/RegisteredRepository.cs"] = "the settings of the user's own, and whether a folder that the user names is there",
        ["Realising/EditorFiles.cs"] = "the project's own folder",
        ["Switches/HostTools.cs"] = "the tools' folders",
        ["Realising/ImageFacts.cs"] = "the image in bin/",
        ["Realising/BuiltImage.cs"] = "the image in bin/",
        ["Realising/SourceDamage.cs"] = "the project's own sources",
        ["Realising/Workspace.cs"] = "the workspace's folder itself, and the project's own files",
        ["Reproducing/ImageDiff.cs"] = "images in a temporary folder of our own",
        ["Restoring"] = "the lock and the stamps of the project's own folder",
        ["Sources/FolderArchive.cs"] = "the archive that is written",
        ["Sources/GitSource.cs"] = "bare repositories in the store",
        ["Files/Hashes.cs"] = "archives in the store",
        ["Sources/RegularFile.cs"] = "a single file by an address, opened without waiting",
        ["Vendoring/SourceArchive.cs"] = "archives of sources that the user names, and the store",
        ["Sources/SourceFetcher.cs"] = "the store",
        ["Storage/SourceStore.cs"] = "the store",
        ["Health/StoreCheck.cs"] = "the store",
        ["Health/StorePruner.cs"] = "the store",
        ["Summaries"] = "the summary's file",
        ["Switches/ConfigFile.cs"] = "the copy in the store",
        ["Switches/FindlibView.cs"] = "views in the store",
        ["Switches/HostSwitch.cs"] = "the switch's folder itself",
        ["Switches/InstallFile.cs"] = "a file that tests name",
        ["Switches/MachineTools.cs"] = "the machine's tools",
        ["Switches/OpamSwitch.cs"] = "an opam switch of the user's own",
        ["Switches/PackageBuild.cs"] = "folders of a build before and after strangers' steps, by their own paths",
        ["Switches/PrefixTree.cs"] = "the roots of prefixes",
        ["Storage/SwitchStore.cs"] = "the store",
        ["Switches/SwitchWork.cs"] = "the store",
        ["Switches/SystemFingerprint.cs"] = "the machine's tools",
        ["Unpacking/ArchiveStream.cs"] = "an archive in the store",
        ["Vendoring/Duniverse.cs"] = "the workspace's folder itself",
        ["Vendoring/Preparer.cs"] = "an extra-source in the store",
        ["Unpacking/Unpacker.cs"] = "the staging folder itself",
    };

    [Fact]
    public void Whoever_opens_files_by_path_says_which_of_our_own()
    {
        var folder = Path.Combine(TestData.Root, "Hillingar.Build");
        var open = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal) && Opens().IsMatch(File.ReadAllText(Path.Combine(folder, file)))).ToList();
        Assert.DoesNotContain(open, file => !s_own.ContainsKey(file) && !s_own.ContainsKey(file.Split('/')[0]));
        Assert.DoesNotContain(s_own.Keys, own => !open.Exists(file => file == own || file.StartsWith(own + "/", StringComparison.Ordinal)));
    }

    // .NET's ways to a file by its path.
    [GeneratedRegex(@"(?<![.\w])(?:File|Directory|FileInfo|DirectoryInfo|FileStream|FileSystemInfo|StreamReader|StreamWriter)\s*[.(]")]
    private static partial Regex Opens();
}
