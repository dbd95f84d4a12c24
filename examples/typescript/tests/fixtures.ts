import { test as base } from "vitest";
import type { Credentials } from "../src/flowtask.ts";
import { connect, type Sandbox } from "./mockflow/client.js";

export const DEMO: Credentials = { email: "demo@flowtask.test", password: "Passw0rd!" };

/** The server that MOCKFLOW_URL names. */
export const mockflow = await connect();

/** `test`, with a sandbox for each test that asks for one. */
export const test = base.extend<{ sandbox: Sandbox }>({
  sandbox: async ({ task }, use) => {
    await using sandbox = await mockflow.sandbox({ label: task.name });
    await use(sandbox);
  },
});
