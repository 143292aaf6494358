using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Hillingar.Sdk.Tests;

/// <summary>A command of a shell on a terminal of 110 columns, and all that it has written there.</summary>
sealed partial class Terminal : IAsyncDisposable
{
    readonly Process _process;
    readonly Task _reading;
    readonly StringBuilder _text = new();
    int _seen;

    public Terminal(Sdk sdk, string folder, string command)
    {
        _process = sdk.Start("script", ["-qefc", $"stty cols 110 rows 40; {command}", "/dev/null"], folder, configure: start =>
        {
            start.Environment["TERM"] = "xterm-256color";
            // Nobody looks at the terminal of a build service, and this is to be looked at.
            foreach (var name in (string[])["CI", "TF_BUILD", "GITHUB_ACTIONS", "MSBUILDTERMINALLOGGER"])
                start.Environment.Remove(name);
            // The dotnet that these tests were started by tells its own children whether it has a terminal.
            start.Environment.Remove("_MSBUILDTLENABLED");
        });
        _reading = Read();
    }

    /// <summary>All of it, with what moves the cursor.</summary>
    public string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    /// <summary>Waits until it has written a text since what was waited for before.</summary>
    /// <param name="text">The text.</param>
    /// <param name="again">What is done once a minute, where something may have been done before anyone looked.</param>
    public async Task Until(string text, Action? again = null)
    {
        var looks = 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        // It only ends what never would.
        limit.CancelAfter(TimeSpan.FromMinutes(20));
        for (var at = -1; (at = Text.IndexOf(text, _seen, StringComparison.Ordinal)) < 0; await Task.Delay(100, CancellationToken.None))
        {
            Assert.False(limit.IsCancellationRequested || _reading.IsCompleted, $"'{text}' did not come:\n{Moves().Replace(Text, "")}");
            if (++looks % 600 == 0)
                again?.Invoke();
        }

        _seen = Text.IndexOf(text, _seen, StringComparison.Ordinal) + text.Length;
    }

    /// <summary>Waits for the end, and gives the exit code.</summary>
    public async Task<int> End()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(20), TestContext.Current.CancellationToken);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _reading;
        _process.Dispose();
    }

    async Task Read()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer.AsMemory(), CancellationToken.None) is > 0 and var count)
            lock (_text)
                _text.Append(buffer, 0, count);
    }

    /// <summary>What moves the cursor or colours.</summary>
    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    public static partial Regex Moves();
}
