// Runs the task under azure-pipelines-task-lib's mock runner: node mock.js ENTRY_POINT INPUTS_AS_JSON DOTNET
const [entry, inputs, dotnet] = process.argv.slice(2);
const { TaskMockRunner } = require(require.resolve("azure-pipelines-task-lib/mock-run", { paths: [require("node:path").dirname(entry)] }));
const runner = new TaskMockRunner(entry);
for (const [name, value] of Object.entries(JSON.parse(inputs)))
    runner.setInput(name, value);
runner.setAnswers({ which: { dotnet } });
runner.run();
