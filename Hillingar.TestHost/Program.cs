using Hillingar.Build.Projects;
using Hillingar.TestHost;
using Microsoft.Testing.Platform.Builder;
using Microsoft.Testing.Platform.Capabilities.TestFramework;

// The first argument names the plan that the build wrote; the others are the platform's.
var builder = await TestApplication.CreateBuilderAsync(args[1..]);
builder.RegisterTestFramework(_ => new TestFrameworkCapabilities(), (_, _) => new DuneTestFramework(TestPlan.Read(args[0])));
using var application = await builder.BuildAsync();
return await application.RunAsync();
