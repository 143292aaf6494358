import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as task from "azure-pipelines-task-lib/task";
import { Fault } from "./fault";

/**
 * The environment by which NuGet finds Hillingar.Sdk in one more feed. The SDK resolver of MSBuild takes no feed on the command line, so
 * this is a machine-wide configuration of the run's own; the project's own NuGet.config still comes first
 * (https://learn.microsoft.com/nuget/consume-packages/configuring-nuget-behavior).
 */
export function forNuGet(feed: string): { environment: NodeJS.ProcessEnv, remove: () => void } {
    if (feed === "")
        return { environment: {}, remove: () => { } };
    if (process.platform === "win32")
        throw new Fault("HIL8001", "The input 'feed' works on Linux and macOS only. On Windows, name the feed in a NuGet.config beside the project.");
    const folder = fs.mkdtempSync(path.join(task.getVariable("Agent.TempDirectory") ?? os.tmpdir(), "hillingar-feed-"));
    const file = path.join(folder, "NuGet", "Config", "hillingar.config");
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `<configuration><packageSources><add key="hillingar" value="${escape(feed)}" /></packageSources></configuration>\n`);
    return { environment: { NUGET_COMMON_APPLICATION_DATA: folder }, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

function escape(text: string): string {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
