using System.Diagnostics;
using System.Security;
using System.Security.Cryptography;
using Hillingar.Build.Images;
using Hillingar.Build.Processes;
using Hillingar.Build.Projects;
using Hillingar.Build.Repositories;
using Hillingar.Build.Running;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Conformance;

/// <summary>What is done with a unikernel, in this order; mirage configures it while it is locked.</summary>
enum CorpusStep
{
    /// <summary>Its repository is cloned.</summary>
    Clone,

    /// <summary>mirage configures it, and what that asks for is locked.</summary>
    Lock,

    /// <summary>The sources of the lock are vendored.</summary>
    Vendor,

    /// <summary>It is compiled.</summary>
    Build,

    /// <summary>It is started.</summary>
    Boot,
}

/// <summary>What came of a unikernel for one target.</summary>
/// <param name="Entry">The unikernel.</param>
/// <param name="Target">The target.</param>
/// <param name="Built">Whether there is an image.</param>
/// <param name="Booted">Whether it started; null where it is not to be started here.</param>
/// <param name="Seconds">How long its build took, without lock and sources.</param>
/// <param name="Sha256">The image's; empty where there is none.</param>
/// <param name="Failure">What failed; null where nothing did.</param>
sealed record CorpusResult(CorpusEntry Entry, string Target, bool Built, bool? Booted, double Seconds, string Sha256, CorpusFailure? Failure);

/// <summary>A step that failed.</summary>
/// <param name="Step">The step.</param>
/// <param name="Fault">What was said.</param>
/// <param name="Culprit">Whose fault it is.</param>
sealed record CorpusFailure(CorpusStep Step, Diagnostic Fault, Culprit Culprit);

/// <summary>Where things lie, and what all projects have in common.</summary>
/// <param name="Work">The folder for clones, projects, logs.</param>
/// <param name="Clones">A folder with git repositories <c>OWNER/NAME</c>; null for none.</param>
/// <param name="Feed">The folder with the packed SDK.</param>
/// <param name="Sdk">The SDK's version.</param>
/// <param name="Repositories">opam repositories.</param>
/// <param name="Overlays">Those that come before them.</param>
/// <param name="Properties">Properties of each project.</param>
sealed record CorpusPlaces(string Work, string? Clones, string Feed, string Sdk, IReadOnlyList<NamedRepository> Repositories, IReadOnlyList<NamedRepository> Overlays, IReadOnlyList<(string Name, string Value)> Properties);

/// <summary>Takes one unikernel through all steps, as a user would: a project file beside its sources, and the SDK.</summary>
/// <param name="entry">The unikernel.</param>
/// <param name="places">Where things lie.</param>
/// <param name="folder">The folder for it alone.</param>
/// <param name="booting">Whoever boots has it: networks have one address.</param>
sealed class CorpusRun(CorpusEntry entry, CorpusPlaces places, string folder, SemaphoreSlim booting)
{
    static readonly TimeSpan s_bootPatience = TimeSpan.FromMinutes(2);

    string Own => Path.Combine(folder, "source", entry.Folder);

    string Project => Path.Combine(Own, $"{ImageName}.csproj");

    string ImageName => string.Concat((entry.Folder.Length == 0 ? entry.Repository : entry.Folder).Split('/')[^1].Replace(".git", "", StringComparison.Ordinal).Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'));

    /// <summary>A result for each target.</summary>
    public async Task<IReadOnlyList<CorpusResult>> Run(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        using var log = new CorpusLog(Path.Combine(folder, "log"));
        var step = CorpusStep.Clone;
        try
        {
            await Clone(cancellation);
            step = CorpusStep.Lock;
            await File.WriteAllTextAsync(Project, ProjectText(), cancellation);
            await File.WriteAllTextAsync(Path.Combine(Own, "NuGet.config"), $"<configuration><packageSources><clear /><add key=\"local\" value=\"{SecurityElement.Escape(places.Feed)}\" /></packageSources></configuration>\n", cancellation);
            var project = await ProjectReader.Read(Project, null, cancellation);
            var work = new ProjectWork(project, log);
            await work.Lock([], force: false, cancellation);
            step = CorpusStep.Vendor;
            await work.Restore(lockedMode: true, cancellation);
            var results = new List<CorpusResult>();
            foreach (var target in entry.Targets)
                results.Add(await Build(project, work, target, log, cancellation));
            return results;
        }
        catch (HillingarException exception)
        {
            return [.. entry.Targets.Select(target => Failed(target, step, exception.Diagnostic))];
        }
    }

    async Task<CorpusResult> Build(HillingarProject project, ProjectWork work, string target, CorpusLog log, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        BuiltUnikernel image;
        try
        {
            var (built, errors) = await work.Build(target, cancellation);
            if (built is null)
                return Failed(target, CorpusStep.Build, errors.FirstOrDefault(error => error.Severity == Severity.Error) ?? errors[0]);
            image = built;
        }
        catch (HillingarException exception)
        {
            return Failed(target, CorpusStep.Build, exception.Diagnostic);
        }

        var done = new CorpusResult(entry, target, true, null, watch.Elapsed.TotalSeconds, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(image.Path, cancellation))), null);
        if (entry.Boot is BootSign.Unseen)
            return done;
        await booting.WaitAsync(cancellation);
        try
        {
            await Boot(project, image, log, cancellation);
            return done with { Booted = true };
        }
        catch (HillingarException exception)
        {
            return done with { Booted = false, Failure = new(CorpusStep.Boot, exception.Diagnostic, CorpusFault.Of(CorpusStep.Boot, exception.Diagnostic, Own, () => false)) };
        }
        finally
        {
            booting.Release();
        }
    }

    async Task Boot(HillingarProject project, BuiltUnikernel image, CorpusLog log, CancellationToken cancellation)
    {
        var start = project.Start(image.Target, image.Path) with { Arguments = entry.Arguments, CreateTaps = true };
        if (UnikernelStart.TakesDevices(image.Target))
            start = start with { Devices = [.. UnikernelImage.Read(image.Path).Devices.Select(Device)] };
        var runs = new UnikernelRuns(Path.Combine(folder, "runs"), log);
        var name = $"corpus-{image.Target}";
        await runs.Start(name, start, null, cancellation);
        try
        {
            await Watch(runs, name, cancellation);
        }
        finally
        {
            await runs.Stop(name, TimeSpan.FromSeconds(10), CancellationToken.None);
        }
    }

    async Task Watch(UnikernelRuns runs, string name, CancellationToken cancellation)
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            // Looked at before its log: what it wrote until its end is read after it.
            var now = runs.Get(name);
            if (await entry.Boot.IsSeen(await ReadLog(now.LogPath, cancellation), cancellation))
                return;
            if (now.State != UnikernelState.Running)
            {
                if (entry.Boot is BootSign.Exits && now.ExitCode == 0)
                    return;
                throw new HillingarException("HIL5058", $"The unikernel ended with {now.ExitCode}{(entry.Boot is BootSign.Exits ? "" : $", and nobody saw it do what shows that it has started ({entry.Boot})")}. Read '{now.LogPath}'.", new Place(now.Image));
            }

            if (watch.Elapsed > s_bootPatience)
                throw new HillingarException("HIL5095", $"The unikernel has not done within {s_bootPatience.TotalSeconds:0} s what shows that it has started ({entry.Boot}). Read '{now.LogPath}'.", new Place(now.Image));
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
        }
    }

    static async Task<string> ReadLog(string path, CancellationToken cancellation)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return await reader.ReadToEndAsync(cancellation);
    }

    // The first network has the address that is asked, the others are there.
    HostDevice Device(ImageDevice device, int at)
    {
        if (device.Kind == DeviceKind.Network)
            return new(device.Kind, device.Name, $"hilcorpus{at}") { Address = at == 0 ? entry.Boot.Host : null };
        var file = Path.Combine(folder, $"{device.Name}.img");
        using (var disk = File.OpenWrite(file))
            disk.SetLength(16 << 20);
        return new(device.Kind, device.Name, file);
    }

    CorpusResult Failed(string target, CorpusStep step, Diagnostic fault) => new(entry, target, false, entry.Boot is BootSign.Unseen ? null : false, 0, "",
        new(step, fault, CorpusFault.Of(step, fault, Own, () => CorpusFault.PeerSolves(Path.Combine(Own, "obj", "hillingar", "configured"), [.. places.Overlays, .. places.Repositories]))));

    async Task Clone(CancellationToken cancellation)
    {
        var source = Path.Combine(folder, "source");
        var nearer = places.Clones is null ? null : new[] { entry.Repository, $"{entry.Repository}.git" }.Select(name => Path.Combine(places.Clones, name)).FirstOrDefault(Directory.Exists);
        if (!Directory.Exists(Path.Combine(source, ".git")))
            await Git(folder, "clone", "--quiet", "--no-checkout", "--", nearer ?? entry.Address, "source");
        await Git(source, "checkout", "--quiet", "--detach", entry.Commit);
        await Git(source, "submodule", "--quiet", "update", "--init", "--recursive");

        async Task Git(string where, params string[] words)
        {
            if (await ProcessRunner.Run(new Command("git", words, where), cancellation) is { ExitCode: not 0 } result)
                throw new HillingarException("HIL4020", $"{entry.Repository} at {entry.Commit} could not be cloned: {result.Error.Trim()} Correct the line, or put a clone below --clones.");
        }
    }

    string ProjectText()
    {
        static string Text(string value) => SecurityElement.Escape(value)!;
        string[] items =
        [
            .. places.Overlays.Select(each => $"<OpamRepository Include=\"{Text(each.Address)}\" />"),
            .. places.Repositories.Select(each => $"<OpamRepository Include=\"{Text(each.Address)}\" />"),
            .. entry.Keys.Select(key => $"<MirageKey Include=\"{Text(key.Name)}\" Value=\"{Text(key.Value)}\" />"),
        ];
        string[] properties =
        [
            $"<MirageTargets>{Text(string.Join(';', entry.Targets))}</MirageTargets>",
            $"<MirageConfigFile>{Text(entry.Config)}</MirageConfigFile>",
            "<HillingarAudit>false</HillingarAudit>",
            .. places.Overlays.Count == 0 ? Array.Empty<string>() : ["<EnableDefaultOpamOverlays>false</EnableDefaultOpamOverlays>"],
            .. places.Properties.Select(property => $"<{property.Name}>{Text(property.Value)}</{property.Name}>"),
        ];
        return $"<Project Sdk=\"Hillingar.Sdk/{Text(places.Sdk)}\">\n  <PropertyGroup>{string.Concat(properties)}</PropertyGroup>\n  <ItemGroup>{string.Concat(items)}</ItemGroup>\n</Project>\n";
    }
}
