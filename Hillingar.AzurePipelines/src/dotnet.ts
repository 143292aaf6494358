import * as path from "node:path";
import * as task from "azure-pipelines-task-lib/task";
import { Diagnostic, Reader } from "./diagnostics";
import { Fault, Told } from "./fault";
import { isCancelled, run } from "./processes";

/** What MSBuild is always told: no server and no node outlives the run, and the output is plain lines. */
const common = ["-nologo", "-nodeReuse:false"];
const plain = ["-tl:off", "-clp:NoSummary;DisableConsoleColor"];
const quiet = { DOTNET_NOLOGO: "1", DOTNET_CLI_UI_LANGUAGE: "en", DOTNET_CLI_USE_MSBUILD_SERVER: "0", MSBUILDDISABLENODEREUSE: "1" };

/** dotnet, run as a user would. */
export class Dotnet {
    private readonly program: string;

    /** Whether known vulnerabilities were told. */
    foundVulnerability = false;

    constructor(private readonly folder: string, private readonly environment: NodeJS.ProcessEnv) {
        const found = task.which("dotnet", false);
        if (!found)
            throw new Fault("HIL8002", "There is no 'dotnet' on this agent's PATH. Put a step UseDotNet@2 (packageType: sdk, version: 10.0.x) before this one, or install the .NET 10 SDK on the agent.");
        this.program = found;
    }

    /** Runs a command whose output goes to the log, its diagnostics as issues. */
    async stream(...args: string[]): Promise<void> {
        let errors = 0;
        const tail: string[] = [];
        // dotnet build repeats them all at its end.
        const told = new Set<string>();
        const reader = new Reader(diagnostic => {
            const key = JSON.stringify(diagnostic);
            // And what is cut short fails.
            if (told.has(key) || isCancelled())
                return;
            told.add(key);
            errors += diagnostic.severity === "error" ? 1 : 0;
            this.foundVulnerability ||= /^HIL405[1-4]$/.test(diagnostic.code);
            tell(diagnostic);
        });
        console.log(`##[command]dotnet ${args.join(" ")}`);
        const code = await run(this.program, [...args, ...common, ...plain], this.folder, { ...process.env, ...quiet, ...this.environment }, text => {
            if (reader.add(text))
                return;
            // A build runs programs of strangers: what they print commands nothing.
            task.writeExternalOutput(text + "\n", { source: "childProcess" });
            if (tail.push(text.trim()) > 10)
                tail.shift();
        });
        reader.end();
        if (code === 0)
            return;
        if (errors === 0)
            throw new Fault("HIL8003", `dotnet ${args[0]} ended with ${code} and no error of its own: ${tail.filter(text => text !== "").join("\n")}`);
        throw new Told(`dotnet ${args[0]} ended with ${code}.`);
    }

    /** Runs a command that answers in JSON. */
    async ask<T>(...args: string[]): Promise<T> {
        const out: string[] = [];
        const err: string[] = [];
        const code = await run(this.program, [...args, ...common], this.folder, { ...process.env, ...quiet, ...this.environment }, (text, isError) => (isError ? err : out).push(text));
        try {
            if (code === 0)
                return JSON.parse(out.join("\n")) as T;
        } catch {
            // What is no JSON is told as the error that it is here.
        }

        throw new Fault("HIL8003", `dotnet ${args[0]} ended with ${code}: ${[...out, ...err].join("\n").trim()}`);
    }
}

/** A property for MSBuild's command line, whose separators in the value are escaped. */
export function property(name: string, value: string): string {
    return `-p:${name}=${value.replace(/[%;,]/g, c => "%" + c.charCodeAt(0).toString(16).toUpperCase())}`;
}

function tell(diagnostic: Diagnostic): void {
    task.logIssue(diagnostic.severity === "error" ? task.IssueType.Error : task.IssueType.Warning, diagnostic.message,
        diagnostic.file === undefined ? undefined : path.resolve(diagnostic.file), diagnostic.line, diagnostic.column, diagnostic.code);
}
