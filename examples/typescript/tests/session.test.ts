import { expect } from "vitest";
import { Flowtask } from "../src/flowtask.ts";
import { DEMO, test } from "./fixtures.ts";

test("a client signs in again when its session is over", async ({ sandbox }) => {
  const flowtask = new Flowtask(sandbox.url);
  await flowtask.signIn(DEMO);
  const tasks = await flowtask.listTasks();
  await sandbox.clock.advance("1d");
  expect(await flowtask.listTasks()).toHaveLength(tasks.length);
});

test("calls that find the session over together sign in once", async ({ sandbox }) => {
  const flowtask = new Flowtask(sandbox.url);
  await flowtask.signIn(DEMO);
  await sandbox.call("DELETE", "sessions");
  await sandbox.forget();
  await Promise.all([flowtask.listTasks(), flowtask.listTasks(), flowtask.listTasks()]);
  await sandbox.assertCalled({ operation: "signIn", count: 1 });
});

test("a client that signed out stays signed out", async ({ sandbox }) => {
  const flowtask = new Flowtask(sandbox.url);
  await flowtask.signIn(DEMO);
  await flowtask.signOut();
  await expect(flowtask.listTasks()).rejects.toMatchObject({ status: 401 });
});
