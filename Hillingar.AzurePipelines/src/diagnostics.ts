/** An error or a warning that MSBuild printed. */
export interface Diagnostic {
    severity: "error" | "warning";
    code: string;
    message: string;
    file?: string;
    line?: number;
    column?: number;
}

// https://learn.microsoft.com/visualstudio/msbuild/msbuild-diagnostic-format-for-tasks: ORIGIN(LINE,COLUMN): SEVERITY CODE: TEXT [PROJECT]
const form = /^\s*(?:\d+(?::\d+)?>)?(?:(?<origin>[^\s(][^(]*?)(?:\((?<line>\d+)(?:,(?<column>\d+))?(?:[-,][\d,-]*)?\))?\s*: )(?:[\w ]*? )?(?<severity>error|warning)(?: (?<code>[A-Za-z]+\d+))?\s*: (?<message>.*?)(?: \[(?<project>[^\[\]]+proj(?:::[^\]]*)?)\])?$/;

/** Tells diagnostics from other lines. A message of several lines is printed as several, each with the whole head, and told as one. */
export class Reader {
    private pending?: Diagnostic;

    constructor(private readonly tell: (diagnostic: Diagnostic) => void) {
    }

    /** Whether a line belongs to a diagnostic. */
    add(line: string): boolean {
        const groups = form.exec(line)?.groups;
        if (groups === undefined) {
            this.end();
            return false;
        }

        const next: Diagnostic = {
            severity: groups.severity as "error" | "warning",
            code: groups.code ?? "",
            message: groups.message,
            ...isFile(groups.origin) ? { file: groups.origin.trim() } : {},
            ...groups.line === undefined ? {} : { line: Number(groups.line) },
            ...groups.column === undefined ? {} : { column: Number(groups.column) },
        };
        const last = this.pending;
        // Only the single line of a message has its project behind it.
        if (last !== undefined && groups.project === undefined && last.code === next.code && last.severity === next.severity && last.file === next.file && last.line === next.line && last.column === next.column) {
            last.message += "\n" + next.message;
            return true;
        }

        this.end();
        this.pending = next;
        if (groups.project !== undefined)
            this.end();
        return true;
    }

    /** Tells what was not told yet. */
    end(): void {
        const last = this.pending;
        this.pending = undefined;
        if (last !== undefined)
            this.tell(last);
    }
}

// MSBuild and its parts name themselves where there is no file.
function isFile(origin: string): boolean {
    return /[\\/.]/.test(origin);
}
