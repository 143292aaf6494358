using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Hillingar.Opam;

/// <summary>The <c>git</c> program, as far as reading a repository at a commit takes.</summary>
public static class Git
{
    /// <summary>Cuts <c>git+https://host/path#ref</c>.</summary>
    /// <param name="location">The location.</param>
    /// <returns>The URL as git takes it, and the ref (<c>HEAD</c> when there is none).</returns>
    /// <exception cref="HillingarException">It is no such location, or one that could be taken for an option (HIL1009).</exception>
    public static (string Url, string Ref) Parse(string location)
    {
        var url = location.StartsWith("git+", StringComparison.Ordinal) ? location[4..] : location;
        var hash = url.LastIndexOf('#');
        var reference = hash < 0 ? "HEAD" : url[(hash + 1)..];
        if (hash >= 0)
            url = url[..hash];
        // Transports that run programs (ext::, --upload-pack) have no scheme of these.
        string[] schemes = ["https://", "http://", "ssh://", "git://", "file://"];
        if (!schemes.Any(scheme => url.StartsWith(scheme, StringComparison.Ordinal) && url.Length > scheme.Length && url[scheme.Length] != '-'))
            throw new HillingarException("HIL1009", $"'{location}' is no git repository that can be read; expected https, http, ssh, git or file, as in git+https://host/path#ref");
        if (reference.Length == 0 || !char.IsAsciiLetterOrDigit(reference[0]) || reference.Contains("..", StringComparison.Ordinal)
            || !reference.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '/' or '+' or '-'))
            throw new HillingarException("HIL1009", $"'{reference}' is no branch, tag or commit of git; correct what follows '#' in '{location}'");
        return (url, reference);
    }

    /// <summary>Whether a ref is a whole commit hash.</summary>
    public static bool IsCommit(string reference) => reference.Length is 40 or 64 && reference.All(char.IsAsciiHexDigitLower);

    /// <summary>The commit that a branch or tag of a remote is at.</summary>
    public static async Task<string> ResolveAsync(string url, string reference, CancellationToken cancel)
    {
        var lines = Encoding.UTF8.GetString(await RunAsync(null, cancel, "ls-remote", "--", url, reference, reference + "^{}").ConfigureAwait(false))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).Where(parts => parts.Length == 2).ToArray();
        string? At(string name) => lines.FirstOrDefault(parts => parts[1] == name)?[0];
        var branch = At($"refs/heads/{reference}");
        var tag = At($"refs/tags/{reference}^{{}}") ?? At($"refs/tags/{reference}");
        if (branch is not null && tag is not null && branch != tag)
            throw new HillingarException("HIL1009", $"'{reference}' is both a branch and a tag of {url}; name it in full, refs/heads/{reference} or refs/tags/{reference}");
        return At(reference + "^{}") ?? At(reference) ?? tag ?? branch
            ?? throw new HillingarException("HIL1009", $"{url} has no branch or tag '{reference}'; name one that it has, or a whole commit hash");
    }

    /// <summary>The files of a remote at a commit that are wanted.</summary>
    /// <param name="url">The remote.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="scratch">A folder that is not there yet, and will not be after.</param>
    /// <param name="add">Takes each file.</param>
    /// <param name="cancel">Stops it.</param>
    internal static async Task ReadAsync(string url, string commit, string scratch, Action<string, byte[]> add, CancellationToken cancel)
    {
        Directory.CreateDirectory(scratch);
        try
        {
            await RunAsync(scratch, cancel, "init", "-q", "--bare").ConfigureAwait(false);
            try
            {
                await RunAsync(scratch, cancel, "fetch", "-q", "--depth", "1", "--no-tags", "--", url, commit).ConfigureAwait(false);
            }
            catch (HillingarException)
            {
                // A server may give only what its refs are at: take all of them, then.
                await RunAsync(scratch, cancel, "fetch", "-q", "--", url, "+refs/*:refs/remote/*").ConfigureAwait(false);
            }
            var files = new List<(byte[] Object, string Path)>();
            await ListAsync(scratch, commit, line =>
            {
                // Files only: what a link leads to is nothing of the commit's.
                if (line.StartsWith("100", StringComparison.Ordinal) && line.Split(['\t'], 2) is [var head, var path] && SnapshotBuilder.IsWanted(path))
                    files.Add((Convert.FromHexString(head.Split(' ')[2]), path));
            }, cancel).ConfigureAwait(false);
            await BlobsAsync(scratch, files, add, cancel).ConfigureAwait(false);
        }
        finally
        {
            Delete(scratch);
        }
    }

    // A list of a million files is not held as one text.
    static async Task ListAsync(string folder, string commit, Action<string> take, CancellationToken cancel)
    {
        using var git = Start(folder, "ls-tree", "-r", "-z", "--full-tree", commit);
        using var stop = cancel.Register(() => Kill(git));
        git.StandardInput.Close();
        var errors = ErrorsAsync(git, cancel);
        var (buffer, line) = (new char[1 << 15], new StringBuilder());
        for (int read; (read = await git.StandardOutput.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
            foreach (var c in buffer.AsSpan(0, read))
                if (c != '\0')
                    line.Append(c);
                else
                {
                    take(line.ToString());
                    line.Clear();
                }
        await git.WaitForExitAsync(cancel).ConfigureAwait(false);
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

    const int MaxErrors = 1 << 14, MaxOutput = 64 << 20;

    // What a server says is told, as far as anybody would read it.
    static async Task<string> ErrorsAsync(Process git, CancellationToken cancel)
    {
        var (buffer, errors) = (new char[1 << 12], new StringBuilder());
        for (int read; (read = await git.StandardError.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
            errors.Append(buffer, 0, Math.Min(read, MaxErrors - errors.Length));
        return errors.ToString();
    }

    static async Task BlobsAsync(string folder, List<(byte[] Object, string Path)> files, Action<string, byte[]> add, CancellationToken cancel)
    {
        using var git = Start(folder, "cat-file", "--batch");
        using var stop = cancel.Register(() => Kill(git));
        try
        {
            await BlobsAsync(git, files, add, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (cancel.IsCancellationRequested && e is IOException or HillingarException)
        {
            throw new OperationCanceledException(e.Message, e, cancel);
        }
        finally
        {
            if (!git.HasExited)
                Kill(git);
        }
    }

    static async Task BlobsAsync(Process git, List<(byte[] Object, string Path)> files, Action<string, byte[]> add, CancellationToken cancel)
    {
        var errors = ErrorsAsync(git, cancel);
        var asking = Task.Run(async () =>
        {
            foreach (var (blob, _) in files)
                await git.StandardInput.WriteAsync(Convert.ToHexStringLower(blob) + "\n").ConfigureAwait(false);
            git.StandardInput.Close();
        }, cancel);
        using var output = new BufferedStream(git.StandardOutput.BaseStream, 1 << 16);
        foreach (var (_, path) in files)
        {
            cancel.ThrowIfCancellationRequested();
            var head = Line(output).Split(' ');
            if (head is not [_, "blob", var digits] || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                throw Failed("cat-file", await errors.ConfigureAwait(false));
            if (size > SnapshotBuilder.MaxFile)
                throw new HillingarException("HIL1002", $"{path} has {size} bytes, more than is read", new Place(path));
            var content = new byte[size];
            output.ReadExactly(content);
            output.ReadByte();
            add(path, content);
        }
        await asking.ConfigureAwait(false);
        await git.WaitForExitAsync(cancel).ConfigureAwait(false);
    }

    static string Line(Stream stream)
    {
        var line = new StringBuilder();
        for (int b; (b = stream.ReadByte()) > 0 && b != '\n' && line.Length < 200;)
            line.Append((char)b);
        return line.ToString();
    }

    static async Task<byte[]> RunAsync(string? folder, CancellationToken cancel, params string[] arguments)
    {
        using var git = Start(folder, arguments);
        using var stop = cancel.Register(() => Kill(git));
        git.StandardInput.Close();
        var errors = ErrorsAsync(git, cancel);
        using var output = new MemoryStream();
        var buffer = new byte[1 << 15];
        for (int read; (read = await git.StandardOutput.BaseStream.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
        {
            if (output.Length + read > MaxOutput)
            {
                Kill(git);
                throw Failed(arguments[0], $"it says more than {MaxOutput >> 20} MiB");
            }

            output.Write(buffer, 0, read);
        }

        await git.WaitForExitAsync(cancel).ConfigureAwait(false);
        return git.ExitCode == 0 ? output.ToArray() : throw Failed(arguments[0], await errors.ConfigureAwait(false));
    }

    static HillingarException Failed(string command, string errors) =>
        new("HIL1009", $"git {command} failed: {errors.Trim().ReplaceLineEndings(" ")}");

    static Process Start(string? folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        // No questions, no transports that run programs, and no repository but the one named.
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_ALLOW_PROTOCOL"] = "file:git:http:https:ssh";
        start.Environment["LC_ALL"] = "C";
        foreach (var name in (ReadOnlySpan<string>)["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"])
            start.Environment.Remove(name);
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new HillingarException("HIL1009", "the program 'git' could not be started; install it, or name a repository that is no git repository", innerException: e);
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
