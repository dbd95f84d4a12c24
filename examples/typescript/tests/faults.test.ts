import { expect } from "vitest";
import { Flowtask } from "../src/flowtask.ts";
import { DEMO, test } from "./fixtures.ts";
import type { Sandbox } from "./mockflow/client.js";

/** A signed-in client that waits by moving the sandbox's clock, and what it has waited, in seconds. */
async function patientClient(sandbox: Sandbox): Promise<{ flowtask: Flowtask; waits: number[] }> {
  const waits: number[] = [];
  const sleep = async (seconds: number) => {
    waits.push(seconds);
    await sandbox.clock.advance(seconds);
  };
  const flowtask = new Flowtask(sandbox.url, { sleep });
  await flowtask.signIn(DEMO);
  return { flowtask, waits };
}

async function countTasks(flowtask: Flowtask, title: string): Promise<number> {
  return (await flowtask.listTasks()).filter((task) => task.title === title).length;
}

test("a 429 is waited out for as long as it says", async ({ sandbox }) => {
  const { flowtask, waits } = await patientClient(sandbox);
  await sandbox.fault({ operation: "createTask", status: 429, retryAfter: 30, times: 1 });
  await flowtask.createTask({ title: "Buy milk" });
  expect(waits).toEqual([30]);
  await sandbox.assertCalled({ operation: "createTask", body: { title: "Buy milk" }, count: 2 });
  expect(await countTasks(flowtask, "Buy milk")).toBe(1);
});

test("an outage of half a minute is waited out", async ({ sandbox }) => {
  const { flowtask, waits } = await patientClient(sandbox);
  await sandbox.preset("outage");
  await flowtask.listTasks();
  expect(waits).toEqual([30]);
});

test("an outage that does not end is reported", async ({ sandbox }) => {
  const { flowtask, waits } = await patientClient(sandbox);
  const outage = await sandbox.fault({ status: 503 });
  await expect(flowtask.listTasks()).rejects.toMatchObject({ status: 503 });
  expect(waits).toEqual([0.2, 0.4, 0.8, 1.6]);
  expect(await outage.hits()).toBe(5);
});

test("a task is added once when the answer is lost", async ({ sandbox }) => {
  const { flowtask } = await patientClient(sandbox);
  await sandbox.fault({ operation: "createTask", disconnect: "empty", phase: "after", times: 1 });
  const task = await flowtask.createTask({ title: "Buy milk" });
  expect(task.title).toBe("Buy milk");
  expect(await countTasks(flowtask, "Buy milk")).toBe(1);
});

test("a task is added once when the request is lost", async ({ sandbox }) => {
  const { flowtask } = await patientClient(sandbox);
  await sandbox.fault({ operation: "createTask", disconnect: "reset", times: 1 });
  await flowtask.createTask({ title: "Buy milk" });
  expect(await countTasks(flowtask, "Buy milk")).toBe(1);
});

test("half an answer is not taken for a whole one", async ({ sandbox }) => {
  const { flowtask, waits } = await patientClient(sandbox);
  const whole = await flowtask.listTasks();
  await sandbox.fault({ malformed: true, phase: "after", times: 1 });
  expect(await flowtask.listTasks()).toEqual(whole);
  expect(waits).toHaveLength(1);
});

test("a server that hangs is asked again", async ({ sandbox }) => {
  const flowtask = new Flowtask(sandbox.url, { timeoutMs: 1000 });
  await sandbox.fault({ hang: 30, times: 1 });
  await flowtask.signIn(DEMO);
  expect(await flowtask.listTasks()).not.toHaveLength(0);
});
