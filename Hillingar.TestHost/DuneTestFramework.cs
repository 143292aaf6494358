using Hillingar.Build.Projects;
using Hillingar.Build.Realising;
using Hillingar.Opam.Diagnostics;
using Microsoft.Testing.Platform.Extensions.Messages;
using Microsoft.Testing.Platform.Extensions.TestFramework;
using Microsoft.Testing.Platform.Requests;
using Microsoft.Testing.Platform.TestHost;

namespace Hillingar.TestHost;

/// <summary>dune's tests as a test framework of Microsoft.Testing.Platform: a node for each rule, or for each case where the test's library tells its cases.</summary>
/// <param name="plan">Whose tests.</param>
sealed class DuneTestFramework(TestPlan plan) : ITestFramework, IDataProducer
{
    /// <inheritdoc/>
    public string Uid => "Hillingar.Dune";

    /// <inheritdoc/>
    public string Version => typeof(TestPlan).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <inheritdoc/>
    public string DisplayName => "dune test";

    /// <inheritdoc/>
    public string Description => "Runs what dune runs for the alias runtest of a unikernel's sources";

    /// <inheritdoc/>
    public Type[] DataTypesProduced { get; } = [typeof(TestNodeUpdateMessage)];

    /// <inheritdoc/>
    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    /// <inheritdoc/>
    public Task<CreateTestSessionResult> CreateTestSessionAsync(CreateTestSessionContext context) =>
        Task.FromResult(new CreateTestSessionResult { IsSuccess = true });

    /// <inheritdoc/>
    public Task<CloseTestSessionResult> CloseTestSessionAsync(CloseTestSessionContext context) =>
        Task.FromResult(new CloseTestSessionResult { IsSuccess = true });

    /// <inheritdoc/>
    public async Task ExecuteRequestAsync(ExecuteRequestContext context)
    {
        try
        {
            await (
                context.Request switch
                {
                    DiscoverTestExecutionRequest discover => Discover(context, discover.Session.SessionUid),
                    RunTestExecutionRequest run => Run(context, run),
                    var other => throw new NotSupportedException($"{other.GetType().Name} is not what dune's tests can be asked for."),
                }
            ).ConfigureAwait(false);
        }
        finally
        {
            context.Complete();
        }
    }

    // Only running them tells the cases of alcotest and of OUnit.
    async Task Discover(ExecuteRequestContext context, SessionUid session)
    {
        var project = await ProjectReader.Read(plan.Project, null, plan.Properties, context.CancellationToken).ConfigureAwait(false);
        foreach (var (name, place) in new ProjectWork(project, new ConsoleReporter()).Tests)
            await Publish(context, session, Node(name, place, DiscoveredTestNodeStateProperty.CachedInstance)).ConfigureAwait(false);
    }

    async Task Run(ExecuteRequestContext context, RunTestExecutionRequest request)
    {
        var wanted = request.Filter is TestNodeUidListFilter { TestNodeUids: var uids } ? uids.Select(uid => uid.Value).ToHashSet() : null;
        var session = request.Session.SessionUid;
        try
        {
            var project = await ProjectReader.Read(plan.Project, null, plan.Properties, context.CancellationToken).ConfigureAwait(false);
            var (results, errors) = await new ProjectWork(project, new ConsoleReporter())
                .Test(context.CancellationToken)
                .ConfigureAwait(false);
            foreach (
                var (result, twice) in results
                    .GroupBy(result => result.Name)
                    .SelectMany(group => group.Select((result, place) => (result, place)))
            )
                if ((twice == 0 ? result.Name : $"{result.Name} ({twice + 1})") is var name && (wanted is null || wanted.Contains(name)))
                    await Publish(context, session, Node(name, result.Place, State(result))).ConfigureAwait(false);
            // What does not compile is no test, and told beside them.
            foreach (var (error, place) in errors.Select((error, place) => (error, place)))
                await Publish(context, session, Broken($"dune ({place + 1})", error)).ConfigureAwait(false);
        }
        catch (HillingarException exception)
        {
            await Publish(context, session, Broken("dune", exception.Diagnostic)).ConfigureAwait(false);
        }
    }

    Task Publish(ExecuteRequestContext context, SessionUid session, TestNode node) =>
        context.MessageBus.PublishAsync(this, new TestNodeUpdateMessage(session, node));

    static TestNodeStateProperty State(TestResult result) =>
        result.Outcome switch
        {
            TestOutcome.Passed => PassedTestNodeStateProperty.CachedInstance,
            TestOutcome.Skipped => SkippedTestNodeStateProperty.CachedInstance,
            _ => new FailedTestNodeStateProperty(
                new DuneFailure(
                    $"HIL5016: The test {result.Name} failed. {Printable.Text(result.Message)}".TrimEnd(),
                    result.Place,
                    result.Name
                )
            ),
        };

    static TestNode Broken(string name, Diagnostic error) =>
        Node(
            name,
            error.Place,
            new ErrorTestNodeStateProperty(new DuneFailure($"{error.Code}: {Printable.Text(error.Message)}", error.Place, name))
        );

    static TestNode Node(string name, Place? place, TestNodeStateProperty state)
    {
        var node = new TestNode
        {
            Uid = name,
            DisplayName = Printable.Line(name),
            Properties = new PropertyBag(state),
        };
        if (place is { } at)
            node.Properties.Add(
                new TestFileLocationProperty(
                    at.File,
                    new LinePositionSpan(
                        new(Math.Max(1, at.Line), Math.Max(0, at.Column)),
                        new(Math.Max(1, at.Line), Math.Max(0, at.Column))
                    )
                )
            );
        return node;
    }
}
