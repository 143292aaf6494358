using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hillingar.Build.Files;
using Hillingar.Build.Images;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Running;

/// <summary>
/// The record of a unikernel that was started, in a folder of its own. The script that runs it writes what only it knows, each file whole or
/// not at all: <c>process</c>, the tender's number and birth; <c>taps</c>, the interfaces it made; <c>exit</c>, the exit code. So a shell that dies, or
/// another one, changes nothing.
/// </summary>
/// <param name="folder">The folder.</param>
sealed class RunRecord(string folder)
{
    const string Facts = "unikernel.json";

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>What the unikernel wrote.</summary>
    public string Log { get; init; } = Path.Combine(folder, "log");

    /// <summary>The script that runs it.</summary>
    public string Script => Path.Combine(folder, "run.sh");

    string ProcessFile => Path.Combine(folder, "process");

    string ExitFile => Path.Combine(folder, "exit");

    string TapsFile => Path.Combine(folder, "taps");

    /// <summary>The lines that tell the numbers of the process and of the script's own, each with its birth, which tells it from a later one of that number.</summary>
    public string Started =>
        ProcessBirth.Function + Write(ProcessFile, "printf '%s\\n' \"$pid\" \"$(birth \"$pid\")\" \"$$\" \"$(birth \"$$\")\"");

    /// <summary>The lines that tell the exit code.</summary>
    public string Ended => Write(ExitFile, "echo \"$code\"");

    /// <summary>The line that tells of an interface that was made.</summary>
    public string Made(string tap, string number) => $"printf '%s %s\\n' {number} {PosixShell.Quote(tap)} >>{PosixShell.Quote(TapsFile)}\n";

    static string Write(string file, string command) =>
        $"{command} >{PosixShell.Quote(file + ".new")} && mv -f {PosixShell.Quote(file + ".new")} {PosixShell.Quote(file)}\n";

    /// <summary>Whether the process was told of, or has ended already.</summary>
    public bool HasBegun => File.Exists(ProcessFile) || File.Exists(ExitFile);

    /// <summary>Writes what is known before the start.</summary>
    public void Create(string name, UnikernelStart start)
    {
        Directory.CreateDirectory(folder);
        // Arguments and output may be nobody else's business.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AtomicFile.WriteText(
            Path.Combine(folder, Facts),
            JsonText.Of(
                JsonText.Object(
                    ("name", name),
                    ("target", start.Target),
                    ("image", Path.GetFullPath(start.Image)),
                    ("memory", start.Memory),
                    ("started", DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture)),
                    ("log", Log),
                    ("network", Tap.Namespace),
                    ("arguments", JsonText.Strings(start.Arguments)),
                    ("tender", start.Tender),
                    ("hostSwitch", start.HostSwitch),
                    ("createTaps", start.CreateTaps),
                    (
                        "devices",
                        JsonText.Array(
                            start.Devices.Select(device =>
                                (JsonNode?)
                                    JsonText.Object(
                                        ("kind", $"{device.Kind}"),
                                        ("name", device.Name),
                                        ("host", device.Host),
                                        ("address", device.Address)
                                    )
                            )
                        )
                    )
                )
            )
        );
    }

    /// <summary>The unikernel, as it is now; null where the folder holds none that has begun.</summary>
    /// <exception cref="HillingarException">HIL5059: the record is damaged.</exception>
    public RunningUnikernel? Read()
    {
        var path = Path.Combine(folder, Facts);
        // Written by somebody who is just starting it, or removed meanwhile.
        if (!File.Exists(path) || !HasBegun)
            return null;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            var root = document.RootElement;
            var processes = Processes();
            // The script has still to tell the exit code when the process has ended. It does so before it ends, so that is looked for after it.
            var lives = processes.Any(process => process.Lives);
            var exit = File.Exists(ExitFile)
                ? int.Parse(File.ReadAllText(ExitFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture)
                : (int?)null;
            return new RunningUnikernel(
                Text("name"),
                Text("target"),
                Text("image"),
                processes is [var (number, _), ..] ? number : 0,
                DateTimeOffset.Parse(Text("started"), CultureInfo.InvariantCulture),
                Text("log")
            )
            {
                State =
                    exit is not null ? UnikernelState.Exited
                    : lives ? UnikernelState.Running
                    : UnikernelState.Lost,
                ExitCode = exit,
                Ended = exit is null ? null : new DateTimeOffset(File.GetLastWriteTimeUtc(ExitFile), TimeSpan.Zero),
                Memory = root.GetProperty("memory").GetInt32(),
                Arguments = [.. root.GetProperty("arguments").EnumerateArray().Select(item => item.GetString()!)],
                Devices =
                [
                    .. root.GetProperty("devices")
                        .EnumerateArray()
                        .Select(item => new HostDevice(
                            Enum.Parse<DeviceKind>(item.GetProperty("kind").GetString()!),
                            item.GetProperty("name").GetString()!,
                            item.GetProperty("host").GetString()!
                        )
                        {
                            Address = Optional(item, "address"),
                        }),
                ],
                Tender = Optional(root, "tender"),
                HostSwitch = Optional(root, "hostSwitch"),
                CreateTaps = root.TryGetProperty("createTaps", out var createTaps) && createTaps.GetBoolean(),
            };

            static string? Optional(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;

            string Text(string name) => root.GetProperty(name).GetString()!;
        }
        catch (Exception exception)
            when (exception
                    is JsonException
                        or FormatException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or OverflowException
                        or ArgumentException
            )
        {
            throw new HillingarException(
                "HIL5059",
                $"The record of a unikernel cannot be read: {exception.Message} End its process yourself if it still runs, and delete the folder '{folder}'.",
                new Place(path),
                exception
            );
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Sends the unikernel's process a signal, if it still is that process.</summary>
    /// <param name="send">Sends it to a process's number.</param>
    public void Signal(Action<int> send)
    {
        if (Processes() is [(var number, true), ..])
            send(number);
    }

    List<(int Number, bool Lives)> Processes() =>
        File.Exists(ProcessFile)
            ?
            [
                .. File.ReadAllLines(ProcessFile)
                    .Chunk(2)
                    .Select(pair =>
                        (
                            int.Parse(pair[0], NumberStyles.None, CultureInfo.InvariantCulture),
                            pair.Length > 1
                                && pair[1].Length > 0
                                && ProcessBirth.Of(int.Parse(pair[0], CultureInfo.InvariantCulture)) == pair[1]
                        )
                    ),
            ]
            : [];

    /// <summary>The commands that remove the interfaces of a run whose script was killed before it could: only those that still are the ones it made.</summary>
    public IReadOnlyList<Command> LeftTaps()
    {
        if (!File.Exists(TapsFile))
            return [];
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, Facts)));
        return document.RootElement.GetProperty("network").GetString() != Tap.Namespace
            ? []
            :
            [
                .. File.ReadLines(TapsFile)
                    .Select(line => line.Split(' ', 2))
                    .Where(parts =>
                        parts is [_, _]
                        && Tap.Index(parts[1]) is > 0 and var number
                        && parts[0] == number.ToString(CultureInfo.InvariantCulture)
                    )
                    .Select(parts => new Tap(parts[1], null).Remove)
                    .Select(words => new Command(words[0], [.. words.Skip(1)])),
            ];
    }
}
