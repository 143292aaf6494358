using BenchmarkDotNet.Running;
using Hillingar.Benchmarks;

if (args is ["opam", .. var rest])
    return OpamSideBySide.Run(rest);
if (args is ["vendor", .. var archives])
    return await VendorSideBySide.Run(archives);
BenchmarkSwitcher.FromAssembly(typeof(OpamSideBySide).Assembly).Run(args);
return 0;
