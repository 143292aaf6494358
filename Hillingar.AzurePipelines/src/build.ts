import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as task from "azure-pipelines-task-lib/task";
import * as credentials from "./credentials";
import { Dotnet, property } from "./dotnet";
import * as feed from "./feed";
import { Inputs } from "./inputs";

interface Evaluation {
    Properties: { HillingarLockFile: string, UnikernelName: string };
    Items: { UnikernelImage: { FullPath: string, MirageTarget: string }[] };
}

/** Restores, builds and publishes, and tells the pipeline what came of it. */
export async function build(inputs: Inputs): Promise<task.TaskResult> {
    const nuget = feed.forNuGet(inputs.feed);
    try {
        const isFolder = fs.statSync(inputs.project).isDirectory();
        const dotnet = new Dotnet(isFolder ? inputs.project : path.dirname(inputs.project), { ...nuget.environment, ...credentials.forGit(inputs.connection) });
        const project = isFolder ? [] : [inputs.project];
        const properties = common(inputs);
        if (inputs.offlineArchive !== "") {
            task.setProgress(5, "Importing sources");
            await dotnet.stream("msbuild", ...project, "-t:HillingarImportSource", property("HillingarArchive", inputs.offlineArchive), ...properties);
        }

        task.setProgress(10, "Restoring");
        await dotnet.stream("restore", ...project, ...inputs.lockedMode ? ["--locked-mode"] : [], ...inputs.auditFails ? ["-warnAsError:HIL4051;HIL4052;HIL4053;HIL4054"] : [], ...properties);
        const images: Evaluation["Items"]["UnikernelImage"] = [];
        let evaluation: Evaluation | undefined;
        const picks = inputs.targets.length > 0 ? inputs.targets : [""];
        for (const [place, target] of picks.entries()) {
            const pick = [...target === "" ? [] : [property("MirageTarget", target)], property("Configuration", inputs.configuration), ...properties];
            const percent = (share: number) => Math.round(30 + 55 * (place + share) / picks.length);
            task.setProgress(percent(0), `Building ${target}`.trim());
            await dotnet.stream("build", ...project, "--no-restore", ...pick);
            if (inputs.publishFolder !== "") {
                task.setProgress(percent(0.8), `Publishing ${target}`.trim());
                await dotnet.stream("publish", ...project, "--no-build", property("PublishDir", publishFolder(inputs, target) + path.sep), ...pick);
            }

            evaluation = await dotnet.ask<Evaluation>("msbuild", ...project, "-t:HillingarGetImages", "-getProperty:HillingarLockFile,UnikernelName", "-getItem:UnikernelImage", ...pick);
            images.push(...evaluation.Items.UnikernelImage);
        }

        task.setProgress(90, "Summing up");
        const all = [...inputs.targets.length === 1 ? [property("MirageTarget", inputs.targets[0])] : [], property("Configuration", inputs.configuration), ...properties];
        const { HillingarLockFile: lockFile, UnikernelName: name } = evaluation!.Properties;
        const summary = path.join(fs.mkdtempSync(path.join(task.getVariable("Agent.TempDirectory") ?? os.tmpdir(), "hillingar-")), `${name}.md`);
        await dotnet.stream("msbuild", ...project, "-t:HillingarSummary", property("HillingarSummaryFile", summary), ...all);
        // The agent reads it when the step is over, and empties its folder for temporary files when the job is.
        task.uploadSummary(summary);
        tell(inputs, images.map(image => image.FullPath), lockFile);
        task.setProgress(100, "Done");
        return dotnet.foundVulnerability ? task.TaskResult.SucceededWithIssues : task.TaskResult.Succeeded;
    } finally {
        nuget.remove();
    }
}

function common(inputs: Inputs): string[] {
    return [
        ...inputs.cacheFolder === "" ? [] : [property("HillingarCache", inputs.cacheFolder)],
        ...inputs.offlineArchive === "" ? [] : [property("HillingarOffline", "true")],
        ...inputs.backend === "project" ? [] : [property("HillingarBackend", inputs.backend)],
        ...inputs.auditLevel === "project" ? [] : inputs.auditLevel === "off" ? [property("HillingarAudit", "false")] : [property("HillingarAudit", "true"), property("HillingarAuditLevel", inputs.auditLevel)],
        ...inputs.systemPackages === "project" ? [] : [property("HillingarSystemPackages", inputs.systemPackages)],
    ];
}

// A publication of one target is whole by itself, so several lie side by side.
function publishFolder(inputs: Inputs, target: string): string {
    return inputs.targets.length > 1 ? path.join(inputs.publishFolder, target) : inputs.publishFolder;
}

function tell(inputs: Inputs, images: string[], lockFile: string): void {
    const set = (name: string, value: string) => task.setVariable(name, value, false, true);
    set("imagePath", images[0] ?? "");
    set("imagePaths", images.join(";"));
    set("lockFile", lockFile);
    set("lockHash", createHash("sha256").update(fs.readFileSync(lockFile)).digest("hex"));
    if (inputs.publishFolder === "")
        return;
    set("publishFolder", inputs.publishFolder);
    // What the lock brings is the same for every target.
    const bill = path.join(publishFolder(inputs, inputs.targets[0] ?? ""), "sbom.cdx.json");
    set("sbomFile", bill);
    if (inputs.sbomArtifact !== "")
        task.command("artifact.upload", { artifactname: inputs.sbomArtifact }, bill);
}
