import { expect } from "vitest";
import { Flowtask } from "../src/flowtask.ts";
import { DEMO, mockflow, test as base } from "./fixtures.ts";
import type { Sandbox } from "./mockflow/client.js";

const test = base.extend<{ other: Sandbox }>({
  other: async ({}, use) => {
    await using other = await mockflow.sandbox();
    await use(other);
  },
});

async function signedIn(sandbox: Sandbox): Promise<Flowtask> {
  const flowtask = new Flowtask(sandbox.url, { tries: 1 });
  await flowtask.signIn(DEMO);
  return flowtask;
}

test("one sandbox's tasks are not in another", async ({ sandbox, other }) => {
  const [here, there] = [await signedIn(sandbox), await signedIn(other)];
  const task = await here.createTask({ title: "Only here" });
  expect(await here.listTasks()).toContainEqual(expect.objectContaining({ id: task.id }));
  expect(await there.listTasks()).not.toContainEqual(expect.objectContaining({ title: "Only here" }));
});

test("one sandbox's faults do not hit another", async ({ sandbox, other }) => {
  const [here, there] = [await signedIn(sandbox), await signedIn(other)];
  await sandbox.fault({ status: 503 });
  await expect(here.listTasks()).rejects.toMatchObject({ status: 503 });
  expect(await there.listTasks()).not.toHaveLength(0);
});

test("one sandbox's clock does not end the sessions of another", async ({ sandbox, other }) => {
  const [here, there] = [await signedIn(sandbox), await signedIn(other)];
  await sandbox.clock.advance("1d");
  expect(await here.isSignedIn()).toBe(false);
  expect(await there.isSignedIn()).toBe(true);
});
