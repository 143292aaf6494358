using BenchmarkDotNet.Running;
using Hillingar.Benchmarks;

if (args is ["opam", .. var rest])
    return OpamSideBySide.Run(rest);
BenchmarkSwitcher.FromAssembly(typeof(OpamSideBySide).Assembly).Run(args);
return 0;
