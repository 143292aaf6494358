import { ChildProcess, spawn, spawnSync } from "node:child_process";
import * as readline from "node:readline";
import { Cancelled, Fault } from "./fault";

/** How long what was asked to stop may take, in milliseconds: the agent waits for 7.5 s before it asks again. */
const patience = 5000;

let running: ChildProcess | undefined;
let cancelled = false;

/** Ends the task's program and all that it started when the agent cancels: it sends SIGINT, later SIGTERM. */
export function listenForCancellation(): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
        process.on(signal, () => {
            if (cancelled)
                kill("SIGKILL");
            cancelled = true;
            // dotnet stops what it started in order, and takes the failure of none of it for an error.
            if (process.platform === "win32")
                kill("SIGKILL");
            else
                running?.kill("SIGINT");
            setTimeout(() => kill("SIGKILL"), patience).unref();
        });
}

/** Whether the run was cancelled. */
export function isCancelled(): boolean {
    return cancelled;
}

/** Fails where the run was cancelled. */
export function throwIfCancelled(): void {
    if (cancelled)
        throw new Cancelled();
}

/** Runs a program to its end, handing each line that it writes on. */
export async function run(program: string, args: string[], folder: string, environment: NodeJS.ProcessEnv, line: (text: string, isError: boolean) => void): Promise<number> {
    throwIfCancelled();
    // A group of its own, so that whatever it starts can be ended with it.
    const child = running = spawn(program, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32" });
    try {
        for (const stream of [child.stdout, child.stderr])
            readline.createInterface({ input: stream, crlfDelay: Infinity }).on("line", text => line(text, stream === child.stderr));
        const code = await new Promise<number>((resolve, reject) => {
            child.on("error", error => reject(new Fault("HIL8002", `'${program}' could not be started: ${error.message}.`)));
            // What outlives its parent, such as a server that a build tool left, would keep the output open and the agent waiting.
            child.on("exit", () => process.platform === "win32" || kill("SIGKILL"));
            child.on("close", (exit, signal) => resolve(exit ?? (signal === null ? 0 : 128)));
        });
        throwIfCancelled();
        return code;
    } finally {
        running = undefined;
    }
}

function kill(signal: NodeJS.Signals): void {
    const id = running?.pid;
    if (id === undefined)
        return;
    if (process.platform === "win32") {
        spawnSync("taskkill", ["/pid", `${id}`, "/T", "/F"], { stdio: "ignore" });
        return;
    }

    try {
        process.kill(-id, signal);
    } catch (error) {
        // The whole group is gone already.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH")
            throw error;
    }
}
