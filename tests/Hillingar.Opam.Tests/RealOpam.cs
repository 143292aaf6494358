using System.Diagnostics;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

/// <summary>The real <c>opam</c> (Debian: opam), with a root of its own and an empty switch over one repository.</summary>
sealed class RealOpam : IDisposable
{
    readonly TestFolder root = new();
    readonly string config;

    /// <summary>Makes the root; the test skips where there is no opam.</summary>
    public RealOpam(string repository)
    {
        Program.Require("opam");
        Run("init", "--bare", "--disable-sandboxing", "-n", "default", repository);
        Run("switch", "create", "empty", "--empty");
        config = root["config"];
    }

    /// <summary>Its version.</summary>
    public static string Version => Program.Run("opam", null, "--version").Trim();

    /// <summary>Runs it.</summary>
    public string Run(params string[] arguments) => Program.Run("opam", Environment, arguments);

    void Environment(ProcessStartInfo start)
    {
        start.Environment["OPAMROOT"] = root.Path;
        start.Environment["OPAMROOTISOK"] = "1";
        start.Environment["OPAMYES"] = "1";
        start.Environment["OPAMCOLOR"] = "never";
        start.Environment["OPAMUTF8"] = "never";
        // Else versions whose system packages this machine cannot have count as not available.
        start.Environment["OPAMNODEPEXTS"] = "1";
    }

    /// <summary>Sets the platform's variables, and leaves none to be found out from this machine.</summary>
    public void SetVariables(params (string Name, string Value)[] variables)
    {
        var values = variables.Select(variable => Make.List(Make.Ident(variable.Name), Make.Text(variable.Value), Make.Text("test")));
        File.WriteAllBytes(config, Document.Read(config).Set("global-variables", Make.List(values)).Remove("eval-variables").Reprint());
    }

    public void Dispose() => root.Dispose();
}

/// <summary>Programs that tests run.</summary>
static class Program
{
    /// <summary>The path of a program; the test skips where it is not installed.</summary>
    public static string Require(string name)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"needs the program '{name}'");
        return found!;
    }

    /// <summary>What a program prints; its failure is the test's.</summary>
    public static string Run(string name, Action<ProcessStartInfo>? prepare, params string[] arguments) => Feed(name, prepare, null, arguments);

    /// <summary>What a program prints when it is given an input.</summary>
    public static string Feed(string name, Action<ProcessStartInfo>? prepare, string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        prepare?.Invoke(start);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var feeding = Task.Run(() =>
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        });
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        feeding.Wait();
        Assert.True(process.ExitCode == 0, $"{name} {string.Join(' ', arguments)} failed with {process.ExitCode}: {errors.Result}\n{output}");
        return output;
    }
}
