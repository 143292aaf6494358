/** What ends the task: an error with a code of docs/errors.md. */
export class Fault extends Error {
    constructor(readonly code: string, message: string) {
        super(message);
    }
}

/** The run was cancelled: the agent knows, and it is no error. */
export class Cancelled extends Error {
    constructor() {
        super("Cancelled.");
    }
}

/** A program ended with an error that was told already. */
export class Told extends Error {
}
