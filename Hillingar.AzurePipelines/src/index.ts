import * as path from "node:path";
import * as task from "azure-pipelines-task-lib/task";
import { build } from "./build";
import { Cancelled, Fault, Told } from "./fault";
import * as inputs from "./inputs";
import { listenForCancellation } from "./processes";

async function main(): Promise<void> {
    listenForCancellation();
    try {
        task.setResourcePath(path.join(__dirname, "task.json"));
        complete(task.TaskResult[await build(inputs.read())], "");
    } catch (error) {
        if (error instanceof Cancelled) {
            // The library says "Cancelled", which the agent does not know.
            complete("Canceled", error.message);
            return;
        }

        if (!(error instanceof Told))
            task.logIssue(task.IssueType.Error, error instanceof Error ? error.message : String(error), undefined, undefined, undefined, error instanceof Fault ? error.code : "HIL8004");
        complete("Failed", error instanceof Error ? error.message : String(error));
    }
}

// Unlike the library's setResult it adds no second error to the one that was told. An exit code would be one more: the result says it all.
function complete(result: string, message: string): void {
    task.command("task.complete", { result }, message);
}

void main();
