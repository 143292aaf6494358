using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Repositories;

/// <summary>The <c>git</c> program, as far as reading a repository at a commit takes.</summary>
public static partial class Git
{
    /// <summary>Cuts <c>git+https://host/path#ref</c>.</summary>
    /// <param name="location">The location.</param>
    /// <returns>The URL as git takes it, without a password, and the ref (<c>HEAD</c> when there is none).</returns>
    /// <exception cref="HillingarException">It is no such location, or one that could be taken for an option (HIL1009).</exception>
    public static (string Url, string Ref) Parse(string location)
    {
        if (!Address.TryParse(location, out var address, out var why))
            throw new HillingarException(
                "HIL1009",
                $"'{location}' is no git repository that can be read: {why}; expected https, http, ssh, git or file, as in git+https://host/path#ref"
            );
        var reference = address.Reference ?? "HEAD";
        if (
            reference.Length == 0
            || !char.IsAsciiLetterOrDigit(reference[0])
            || reference.Contains("..", StringComparison.Ordinal)
            || !reference.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '/' or '+' or '-')
        )
            throw new HillingarException(
                "HIL1009",
                $"'{reference}' is no branch, tag or commit of git; correct what follows '#' in '{location}'"
            );
        return (address.Plain, reference);
    }

    /// <summary>
    /// The environment of every git that is run: no questions, no other protocols than <see cref="Address.GitProtocols"/> (others run programs), no redirect
    /// that we did not look at, an end to transfers that stand still, and the password for a remote, which no command line and no file of
    /// git's holds then.
    /// </summary>
    /// <param name="remote">
    /// The remote, where one is talked to. Null where git only reads: then no setting of the user's applies either, so that no filter runs.
    /// </param>
    public static IReadOnlyDictionary<string, string?> Settings(string? remote)
    {
        var settings = new Dictionary<string, string?>
        {
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ALLOW_PROTOCOL"] = Address.GitProtocols,
            ["LC_ALL"] = "C",
            ["GIT_DIR"] = null,
            ["GIT_WORK_TREE"] = null,
            ["GIT_INDEX_FILE"] = null,
            ["GIT_OBJECT_DIRECTORY"] = null,
        };
        List<(string Key, string Value)> config =
        [
            ("protocol.ext.allow", "never"),
            ("core.hooksPath", "/dev/null"),
            ("core.fsmonitor", "false"),
            ("gc.auto", "0"),
        ];
        if (remote is null)
            (settings["GIT_CONFIG_GLOBAL"], settings["GIT_CONFIG_NOSYSTEM"], settings["GIT_CONFIG_PARAMETERS"]) = ("/dev/null", "1", null);
        else
        {
            config.AddRange([("http.followRedirects", "false"), ("http.lowSpeedLimit", "1000"), ("http.lowSpeedTime", "60")]);
            if (
                Address.TryParse(remote, out var address, out _)
                && address.Uri is { Scheme: "https" or "http" } uri
                && Network.Current.UserInfoFor(address) is { Length: > 0 } user
            )
                config.Add(
                    (
                        $"http.{uri.GetLeftPart(UriPartial.Authority).Replace(uri.UserInfo + "@", "", StringComparison.Ordinal)}/.extraHeader",
                        "Authorization: " + Network.Basic(user)
                    )
                );
        }

        // The user's own such settings come first, as a pipeline's task gives git its password by them.
        var count =
            remote is not null
            && int.TryParse(
                Environment.GetEnvironmentVariable("GIT_CONFIG_COUNT"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var own
            )
                ? own
                : 0;
        foreach (var (key, value) in config)
        {
            settings[$"GIT_CONFIG_KEY_{count}"] = key;
            settings[$"GIT_CONFIG_VALUE_{count++}"] = value;
        }

        settings["GIT_CONFIG_COUNT"] = count.ToString(CultureInfo.InvariantCulture);
        return settings;
    }

    /// <summary>Whether a ref is a whole commit hash.</summary>
    public static bool IsCommit(string reference) => reference.Length is 40 or 64 && reference.All(char.IsAsciiHexDigitLower);

    /// <summary>The commit that a branch or tag of a remote is at.</summary>
    public static async Task<string> ResolveAsync(string url, string reference, CancellationToken cancel)
    {
        var lines = Encoding
            .UTF8.GetString(
                await RemoteAsync(
                        url,
                        address => RunAsync(null, address, cancel, "ls-remote", "--", address, reference, reference + "^{}"),
                        cancel
                    )
                    .ConfigureAwait(false)
            )
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t'))
            .Where(parts => parts.Length == 2)
            .ToArray();
        string? At(string name) => lines.FirstOrDefault(parts => parts[1] == name)?[0];
        var branch = At($"refs/heads/{reference}");
        var tag = At($"refs/tags/{reference}^{{}}") ?? At($"refs/tags/{reference}");
        if (branch is not null && tag is not null && branch != tag)
            throw new HillingarException(
                "HIL1009",
                $"'{reference}' is both a branch and a tag of {url}; name it in full, refs/heads/{reference} or refs/tags/{reference}"
            );
        return At(reference + "^{}")
            ?? At(reference)
            ?? tag
            ?? branch
            ?? throw new HillingarException(
                "HIL1009",
                $"{url} has no branch or tag '{reference}'; name one that it has, or a whole commit hash"
            );
    }

    /// <summary>The files of a remote at a commit that are wanted.</summary>
    /// <param name="url">The remote.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="scratch">A folder that is not there yet, and will not be after.</param>
    /// <param name="add">Takes each file.</param>
    /// <param name="cancellation">Stops it.</param>
    internal static async Task ReadAsync(
        string url,
        string commit,
        string scratch,
        Action<string, byte[]> add,
        CancellationToken cancellation
    )
    {
        Directory.CreateDirectory(scratch);
        try
        {
            await RunAsync(scratch, null, cancellation, "init", "-q", "--bare").ConfigureAwait(false);
            await RemoteAsync(
                    url,
                    async address =>
                    {
                        try
                        {
                            return await FetchAsync(scratch, address, cancellation, "--depth", "1", "--no-tags", "--", address, commit)
                                .ConfigureAwait(false);
                        }
                        catch (HillingarException)
                        {
                            // A server may give only what its refs are at: take all of them, then.
                            return await FetchAsync(scratch, address, cancellation, "--", address, "+refs/*:refs/remote/*")
                                .ConfigureAwait(false);
                        }
                    },
                    cancellation
                )
                .ConfigureAwait(false);
            var files = new List<(byte[] Object, string Path)>();
            await ListAsync(
                    scratch,
                    commit,
                    line =>
                    {
                        // Files only: what a link leads to is nothing of the commit's.
                        if (
                            line.StartsWith("100", StringComparison.Ordinal)
                            && line.Split(['\t'], 2) is [var head, var path]
                            && SnapshotBuilder.IsWanted(path)
                        )
                            files.Add((Convert.FromHexString(head.Split(' ')[2]), path));
                    },
                    cancellation
                )
                .ConfigureAwait(false);
            await BlobsAsync(scratch, files, add, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Delete(scratch);
        }
    }

    // A list of a million files is not held as one text.
    static async Task ListAsync(string folder, string commit, Action<string> take, CancellationToken cancellation)
    {
        using var git = Start(folder, null, "ls-tree", "-r", "-z", "--full-tree", commit);
        using var stop = cancellation.Register(() => Kill(git));
        git.StandardInput.Close();
        var errors = ErrorsAsync(git, cancellation);
        var (buffer, line) = (new char[1 << 15], new StringBuilder());
        for (int read; (read = await git.StandardOutput.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0; )
            foreach (var c in buffer.AsSpan(0, read))
                if (c != '\0')
                    line.Append(c);
                else
                {
                    take(line.ToString());
                    line.Clear();
                }
        await git.WaitForExitAsync(cancellation).ConfigureAwait(false);
        if (git.ExitCode != 0)
            throw Failed("ls-tree", await errors.ConfigureAwait(false));
    }

    static void Kill(Process git)
    {
        try
        {
            git.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself meanwhile.
            return;
        }
    }

    const int MaxErrors = 1 << 14,
        MaxOutput = 64 << 20;

    // What a server says is told, as far as anybody would read it.
    static async Task<string> ErrorsAsync(Process git, CancellationToken cancellation)
    {
        var (buffer, errors) = (new char[1 << 12], new StringBuilder());
        for (int read; (read = await git.StandardError.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0; )
            errors.Append(buffer, 0, Math.Min(read, MaxErrors - errors.Length));
        return errors.ToString();
    }

    static Task<byte[]> FetchAsync(string folder, string remote, CancellationToken cancellation, params string[] arguments) =>
        BoundedAsync(folder, stop => RunAsync(folder, remote, stop, ["fetch", "-q", .. arguments]), cancellation);

    /// <summary>Talks to a remote. Where it sends on, to where that leads, if one may go there: git itself follows anywhere.</summary>
    /// <param name="url">The remote.</param>
    /// <param name="talk">Talks to a remote.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="HillingarException">As of <paramref name="talk"/>. HIL1009: it sends on to where nobody goes.</exception>
    public static async Task<T> RemoteAsync<T>(string url, Func<string, Task<T>> talk, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(talk);
        try
        {
            return await talk(url).ConfigureAwait(false);
        }
        catch (HillingarException exception)
            when (Redirect().IsMatch(exception.Message) && Address.TryParse(url, out var address, out _) && address.Uri is { IsFile: false }
            )
        {
            return await talk(await WhereAsync(address, exception, cancel).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    // As git does it, the first request tells (https://git-scm.com/docs/http-protocol).
    static async Task<string> WhereAsync(Address address, HillingarException failure, CancellationToken cancellation)
    {
        const string Tail = "/info/refs?service=git-upload-pack";
        if (!Address.TryParse(address.Url.TrimEnd('/') + Tail, out var first, out _))
            throw failure;
        try
        {
            using var answer = await s_web.Value.Get(first, null, cancellation).ConfigureAwait(false);
            return answer.From.AbsoluteUri is var from && from.EndsWith(Tail, StringComparison.Ordinal)
                ? from[..^Tail.Length]
                : throw failure;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new HillingarException(
                "HIL1009",
                $"the git repository {address} cannot be read: {exception.Message}",
                innerException: exception
            );
        }
    }

    static readonly Lazy<WebFetcher> s_web = new(() => new WebFetcher());

    [GeneratedRegex(@"returned error: 30[12378]\b|unable to update url base from redirection", RegexOptions.CultureInvariant)]
    private static partial Regex Redirect();

    /// <summary>
    /// Runs what fetches into a bare repository, and ends it when more comes than a download may have: git has no such limit of its own.
    /// </summary>
    /// <param name="repository">The bare repository.</param>
    /// <param name="fetch">Fetches; it can be stopped.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="HillingarException">HIL1009: more came. Or as of <paramref name="fetch"/>.</exception>
    public static async Task<T> BoundedAsync<T>(string repository, Func<CancellationToken, Task<T>> fetch, CancellationToken cancel) =>
        await BoundedAsync(repository, fetch, WebFetcher.MaxBytes, cancel).ConfigureAwait(false);

    /// <inheritdoc cref="BoundedAsync{T}(string, Func{CancellationToken, Task{T}}, CancellationToken)"/>
    internal static async Task<T> BoundedAsync<T>(
        string repository,
        Func<CancellationToken, Task<T>> fetch,
        long limit,
        CancellationToken cancellation
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var packs = new DirectoryInfo(Path.Combine(repository, "objects", "pack"));
        var before = packs.Exists ? packs.EnumerateFiles().Select(file => file.Name).ToHashSet(StringComparer.Ordinal) : [];
        var fetching = fetch(stop.Token);
        var isTooMuch = false;
        while (
            await Task.WhenAny(fetching, Task.Delay(TimeSpan.FromMilliseconds(200), cancellation)).ConfigureAwait(false) != fetching
            && !cancellation.IsCancellationRequested
        )
            if (New().Sum(file => file.Length) > limit)
            {
                isTooMuch = true;
                await stop.CancelAsync().ConfigureAwait(false);
                break;
            }

        try
        {
            return await fetching.ConfigureAwait(false);
        }
        catch (Exception) when (isTooMuch)
        {
            // What a killed git leaves would only fill the disk.
            foreach (var file in New().Where(file => file.Name.StartsWith("tmp_", StringComparison.Ordinal)).ToList())
                file.Delete();
            throw new HillingarException(
                "HIL1009",
                $"the git repository has more than {limit >> 20} MiB, the most that a download may have"
            );
        }

        IEnumerable<FileInfo> New()
        {
            packs.Refresh();
            return packs.Exists ? packs.EnumerateFiles().Where(file => !before.Contains(file.Name) && file.Exists) : [];
        }
    }

    static async Task BlobsAsync(
        string folder,
        List<(byte[] Object, string Path)> files,
        Action<string, byte[]> add,
        CancellationToken cancellation
    )
    {
        using var git = Start(folder, null, "cat-file", "--batch");
        using var stop = cancellation.Register(() => Kill(git));
        try
        {
            await BlobsAsync(git, files, add, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (cancellation.IsCancellationRequested && e is IOException or HillingarException)
        {
            throw new OperationCanceledException(e.Message, e, cancellation);
        }
        finally
        {
            if (!git.HasExited)
                Kill(git);
        }
    }

    static async Task BlobsAsync(
        Process git,
        List<(byte[] Object, string Path)> files,
        Action<string, byte[]> add,
        CancellationToken cancellation
    )
    {
        var errors = ErrorsAsync(git, cancellation);
        var asking = Task.Run(
            async () =>
            {
                foreach (var (blob, _) in files)
                    await git.StandardInput.WriteAsync(Convert.ToHexStringLower(blob) + "\n").ConfigureAwait(false);
                git.StandardInput.Close();
            },
            cancellation
        );
        using var output = new BufferedStream(git.StandardOutput.BaseStream, 1 << 16);
        foreach (var (_, path) in files)
        {
            cancellation.ThrowIfCancellationRequested();
            var head = Line(output).Split(' ');
            if (
                head is not [_, "blob", var digits]
                || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            )
                throw Failed("cat-file", await errors.ConfigureAwait(false));
            if (size > SnapshotBuilder.MaxFile)
                throw new HillingarException("HIL1002", $"{path} has {size} bytes, more than is read", new Place(path));
            var content = new byte[size];
            output.ReadExactly(content);
            output.ReadByte();
            add(path, content);
        }
        await asking.ConfigureAwait(false);
        await git.WaitForExitAsync(cancellation).ConfigureAwait(false);
    }

    static string Line(Stream stream)
    {
        var line = new StringBuilder();
        for (int b; (b = stream.ReadByte()) > 0 && b != '\n' && line.Length < 200; )
            line.Append((char)b);
        return line.ToString();
    }

    static async Task<byte[]> RunAsync(string? folder, string? remote, CancellationToken cancellation, params string[] arguments)
    {
        using var git = Start(folder, remote, arguments);
        using var stop = cancellation.Register(() => Kill(git));
        git.StandardInput.Close();
        var errors = ErrorsAsync(git, cancellation);
        using var output = new MemoryStream();
        var buffer = new byte[1 << 15];
        for (int read; (read = await git.StandardOutput.BaseStream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0; )
        {
            if (output.Length + read > MaxOutput)
            {
                Kill(git);
                throw Failed(arguments[0], $"it says more than {MaxOutput >> 20} MiB");
            }

            output.Write(buffer, 0, read);
        }

        await git.WaitForExitAsync(cancellation).ConfigureAwait(false);
        return git.ExitCode == 0 ? output.ToArray() : throw Failed(arguments[0], await errors.ConfigureAwait(false));
    }

    static HillingarException Failed(string command, string errors) =>
        new("HIL1009", $"git {command} failed: {errors.Trim().ReplaceLineEndings(" ")}");

    static Process Start(string? folder, string? remote, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in Settings(remote))
            start.Environment[name] = value;
        // A command that needs no repository reads the settings of one that somebody made where it runs.
        if (arguments[0] != "init")
            start.Environment["GIT_DIR"] = folder ?? "/dev/null";
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new HillingarException(
                "HIL1009",
                "the program 'git' could not be started; install it, or name a repository that is no git repository",
                innerException: e
            );
        }
    }

    // git writes its objects read-only, which Windows does not delete.
    static void Delete(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            File.SetAttributes(file, FileAttributes.Normal);
        Directory.Delete(folder, recursive: true);
    }
}
