import * as task from "azure-pipelines-task-lib/task";
import { Fault } from "./fault";

/**
 * The environment by which git sends a service connection's credentials to addresses below the connection's, and to no others: no file
 * and no command line ever has them (https://git-scm.com/docs/git-config, GIT_CONFIG_COUNT, http.<url>.extraHeader).
 */
export function forGit(connection: string): NodeJS.ProcessEnv {
    if (connection === "")
        return {};
    const url = task.getEndpointUrl(connection, false) ?? "";
    const authorization = task.getEndpointAuthorization(connection, false);
    if (!url.startsWith("https://"))
        throw new Fault("HIL8001", `The service connection of 'repositoryConnection' is for '${url}'. Make one for an address that begins with https://, so that nobody on the way reads its password.`);
    const { username, password, apitoken } = authorization?.parameters ?? {};
    const secret = password ?? apitoken;
    if (!secret)
        throw new Fault("HIL8001", "The service connection of 'repositoryConnection' has no password and no token. Add one to it.");
    const basic = Buffer.from(`${username ?? ""}:${secret}`).toString("base64");
    for (const text of [secret, basic])
        task.setSecret(text);
    const count = Number(process.env.GIT_CONFIG_COUNT ?? "0");
    return {
        GIT_CONFIG_COUNT: `${count + 1}`,
        [`GIT_CONFIG_KEY_${count}`]: `http.${url.endsWith("/") ? url : url + "/"}.extraHeader`,
        [`GIT_CONFIG_VALUE_${count}`]: `Authorization: Basic ${basic}`,
    };
}
