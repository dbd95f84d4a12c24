import { expect } from "vitest";
import { Flowtask } from "../src/flowtask.ts";
import { test } from "./fixtures.ts";

const NEW = { email: "new@example.com", password: "yourpassword" };

test("a new user signs up with the code from the outbox", async ({ sandbox }) => {
  const flowtask = new Flowtask(sandbox.url);
  await flowtask.requestSignUpCode(NEW.email);
  await flowtask.completeSignUp(NEW, await sandbox.outbox.codeFor(NEW.email));
  await flowtask.createTask({ title: "Buy milk" });
  expect(await flowtask.listTasks()).toMatchObject([{ title: "Buy milk", completed: false }]);
});

test("a code is refused when it is five minutes old", async ({ sandbox }) => {
  const flowtask = new Flowtask(sandbox.url);
  await flowtask.requestSignUpCode(NEW.email);
  await sandbox.clock.advance("5m");
  const signUp = flowtask.completeSignUp(NEW, await sandbox.outbox.codeFor(NEW.email));
  await expect(signUp).rejects.toMatchObject({ status: 400 });
});

test("nobody waits a day for the sixth code", async ({ sandbox }) => {
  const flowtask = new Flowtask(sandbox.url);
  for (let sent = 0; sent < 5; sent++) await flowtask.requestSignUpCode(NEW.email);
  const refusal = await flowtask.requestSignUpCode(NEW.email).catch((error) => error);
  expect(refusal).toMatchObject({ status: 429, retryAfterSeconds: expect.closeTo(24 * 60 * 60, -2) });
});
