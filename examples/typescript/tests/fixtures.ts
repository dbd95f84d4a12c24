import { test as base } from "vitest";
import type { Credentials } from "../src/flowtask.ts";
import { Sandbox } from "./mockflow.ts";

export const DEMO: Credentials = { email: "demo@flowtask.test", password: "Passw0rd!" };

/** `test`, with a sandbox for each test that asks for one. */
export const test = base.extend<{ sandbox: Sandbox }>({
  sandbox: async ({ task }, use) => {
    const sandbox = await Sandbox.open(task.name);
    await use(sandbox);
    await sandbox.close();
  },
});
