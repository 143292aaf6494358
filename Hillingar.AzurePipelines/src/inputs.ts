import * as fs from "node:fs";
import * as path from "node:path";
import * as task from "azure-pipelines-task-lib/task";
import { Fault } from "./fault";

export const backends = ["project", "local", "nix", "auto"];
export const auditLevels = ["project", "off", "low", "moderate", "high", "critical"];
export const systemPackages = ["project", "off", "warn", "install"];

/** What the pipeline asks for, bound and checked; an empty text is an input that was left out. */
export interface Inputs {
    project: string;
    targets: string[];
    configuration: string;
    backend: string;
    lockedMode: boolean;
    auditLevel: string;
    auditFails: boolean;
    systemPackages: string;
    feed: string;
    cacheFolder: string;
    connection: string;
    offlineArchive: string;
    publishFolder: string;
    sbomArtifact: string;
}

/** Reads the inputs; the first that is wrong ends the task before anything is started. */
export function read(): Inputs {
    const text = (name: string) => (task.getInput(name) ?? "").trim();
    const project = existing("project", required("project"));
    return {
        project,
        targets: text("targets").split(/[\s,;]+/).filter(target => target.length > 0).map(target => matching("targets", target, /^[a-z][a-z0-9-]*$/, "mirage targets, such as unix or spt")),
        configuration: matching("configuration", text("configuration") || "Release", /^[A-Za-z0-9_.-]+$/, "a configuration of MSBuild's, such as Release"),
        backend: oneOf("backend", backends),
        lockedMode: flag("lockedMode", true),
        auditLevel: oneOf("auditLevel", auditLevels),
        auditFails: flag("auditFails", false),
        systemPackages: oneOf("systemPackages", systemPackages),
        feed: feed(text("feed")),
        cacheFolder: folder(text("cacheFolder")),
        connection: text("repositoryConnection"),
        offlineArchive: archive(text("offlineArchive")),
        publishFolder: folder(text("publishFolder")),
        sbomArtifact: matching("sbomArtifact", text("sbomArtifact"), /^[^\\/"':<>|*?]*$/, "a name without \\ / \" ' : < > | * ?"),
    };

    function required(name: string): string {
        return text(name) || fail(name, "is required", "Name the project's file, or the folder that holds it.");
    }

    function flag(name: string, otherwise: boolean): boolean {
        const value = text(name).toLowerCase();
        if (value !== "" && value !== "true" && value !== "false")
            fail(name, `is '${value}'`, "Write true or false.");
        return value === "" ? otherwise : value === "true";
    }

    function oneOf(name: string, values: string[]): string {
        const value = text(name) || values[0];
        return values.includes(value) ? value : fail(name, `is '${value}'`, `Write one of ${values.join(", ")}.`);
    }
}

function matching(name: string, value: string, pattern: RegExp, what: string): string {
    return pattern.test(value) ? value : fail(name, `is '${value}'`, `Write ${what}.`);
}

function existing(name: string, value: string): string {
    const full = path.resolve(value);
    return fs.existsSync(full) ? full : fail(name, `names '${full}', which is not there`, "Correct the path; a checkout may have to come first.");
}

function archive(value: string): string {
    // A glob is MSBuild's to expand.
    return value === "" ? "" : /[*?]/.test(value) ? path.resolve(value) : existing("offlineArchive", value);
}

function folder(value: string): string {
    return value === "" ? "" : path.resolve(value);
}

function feed(value: string): string {
    return value === "" || /^https:\/\//.test(value) ? value
        : /^[a-z]+:\/\//i.test(value) ? fail("feed", `is '${value}'`, "Write an address that begins with https://, or a folder.")
        : existing("feed", value);
}

function fail(name: string, what: string, remedy: string): never {
    throw new Fault("HIL8001", `The input '${name}' ${what}. ${remedy}`);
}
