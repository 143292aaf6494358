using System.Diagnostics;
using System.Globalization;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;

namespace Hillingar.Benchmarks;

/// <summary>
/// The opam layer beside OCaml's parser, by turns in one run: <c>Benchmarks opam FOLDER</c>. Each pass is a process of its own, its
/// start and compilation counted; CPU seconds, medians.
/// </summary>
static class OpamSideBySide
{
    const int Rounds = 7;

    // The whole of OCaml's bare parser, from memory and from files.
    const string Peer = """
        let read f = let ic = open_in_bin f in let s = really_input_string ic (in_channel_length ic) in close_in ic; s
        let () =
          let files = read Sys.argv.(2) |> String.split_on_char '\n' |> List.filter ((<>) "") in
          (match Sys.argv.(1) with
          | "read" -> List.iter (fun f -> ignore (read f)) files
          | "pass" -> List.iter (fun f -> ignore (OpamParser.FullPos.string (read f) f)) files
          | _ ->
            let texts = List.map (fun f -> f, read f) files in
            let bytes = List.fold_left (fun n (_, s) -> n + String.length s) 0 texts in
            let t = Sys.time () in
            List.iter (fun (f, s) -> ignore (OpamParser.FullPos.string s f)) texts;
            Printf.printf "%.4f\n" (float bytes /. 1e6 /. (Sys.time () -. t)));
          Printf.printf "%.4f\n" (Sys.time ())
        """;

    public static int Run(string[] args)
    {
        if (args is not [var folder])
            return RunPart(args);
        using var scratch = new TemporaryFolder();
        var list = scratch["files"];
        File.WriteAllLines(list, Directory.EnumerateFiles(folder, "opam", SearchOption.AllDirectories));
        var peer = BuildPeer(scratch);
        string[] parts = ["read", "pass", "memory", "index", "open"];
        var cpu = new Dictionary<string, List<double>>();
        var said = new Dictionary<string, List<double>>();
        for (var round = 0; round < Rounds; round++)
            foreach (var part in parts)
            {
                Measure($"hillingar {part}", Environment.ProcessPath!, [typeof(OpamSideBySide).Assembly.Location, "opam", part, list, folder, scratch["index"]]);
                if (peer is not null && part is "read" or "pass" or "memory")
                    Measure($"ocaml {part}", peer, [part, list]);
            }
        foreach (var (name, times) in cpu)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20} {SideBySide.Median(times):f3} s CPU of the process{(said[name].Count > 0 ? $", {SideBySide.Median(said[name]):f2}" : "")}"));
        return 0;

        void Measure(string name, string program, string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            cpu.TryAdd(name, []);
            said.TryAdd(name, []);
            var numbers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture)).ToArray();
            cpu[name].Add(numbers[^1]);
            said[name].AddRange(numbers[..^1]);
        }
    }

    static string? BuildPeer(TemporaryFolder scratch)
    {
        File.WriteAllText(scratch["peer.ml"], Peer);
        try
        {
            using var build = Process.Start(new ProcessStartInfo("ocamlfind", ["ocamlopt", "-package", "opam-file-format", "-linkpkg", "peer.ml", "-o", "peer"]) { WorkingDirectory = scratch.Path })!;
            build.WaitForExit();
            return build.ExitCode == 0 ? scratch["peer"] : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    static int RunPart(string[] args)
    {
        Part(args);
        Write(Environment.CpuUsage.TotalTime.TotalSeconds);
        return 0;
    }

    static void Part(string[] args)
    {
        var (part, files, folder, index) = (args[0], File.ReadAllLines(args[1]), args[2], args[3]);
        switch (part)
        {
            case "read":
                foreach (var file in files)
                    File.ReadAllBytes(file);
                return;
            case "pass":
                foreach (var file in files)
                    Document.Read(file);
                return;
            case "memory":
                var texts = Array.ConvertAll(files, File.ReadAllBytes);
                var best = 0.0;
                for (var round = 0; round < 10; round++)
                {
                    var start = Environment.CpuUsage.TotalTime;
                    foreach (var text in texts)
                        Document.Parse(text);
                    best = Math.Max(best, texts.Sum(text => (double)text.Length) / 1e6 / (Environment.CpuUsage.TotalTime - start).TotalSeconds);
                }
                Write(best);
                return;
            case "index":
                File.Delete(index);
                _ = new FolderRepository(folder, index);
                return;
            default:
                // Warm: code compiled, pages in the cache. The memory is what an open index adds, one package looked up.
                for (var round = 0; round < 50; round++)
                    _ = new FolderRepository(folder, index).Versions(new("lwt"))[0].Depends;
                var times = new List<double>();
                for (var round = 0; round < 50; round++)
                {
                    var watch = Stopwatch.StartNew();
                    _ = new FolderRepository(folder, index).Versions(new("lwt"))[0].Depends;
                    times.Add(watch.Elapsed.TotalMilliseconds);
                }
                Write(SideBySide.Median(times));
                return;
        }
    }

    static void Write(double value) => Console.WriteLine(value.ToString("f4", CultureInfo.InvariantCulture));
}
