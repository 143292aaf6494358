using Hillingar.Build.Tests;

// Else xunit's own program: the runner, or the platform that dotnet test speaks to.
if (await VendorWorker.Run() || await SwitchWorker.Run() || await RunWorker.Run() || StoreWorker.Run() || await BoundsWorker.Run())
    return 0;
return args.Contains("--server") || args.Contains("--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
