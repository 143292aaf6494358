using BenchmarkDotNet.Running;
using Hillingar.Benchmarks;

if (args is ["opam", .. var rest])
    return OpamSideBySide.Run(rest);
if (args is ["vendor", .. var archives])
    return await VendorSideBySide.Run(archives);
if (args is ["lock", .. var project])
    return await LockSideBySide.Run(project);
if (args is ["noop", .. var projects])
    return await NoopSideBySide.Run(projects);
if (args is ["switch", .. var packages])
    return await SwitchSideBySide.Run(packages);
BenchmarkSwitcher.FromAssembly(typeof(OpamSideBySide).Assembly).Run(args);
return 0;
