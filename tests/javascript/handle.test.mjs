// The handle against a real server: `node --test` runs this, and so does Vitest.
import assert from "node:assert/strict";
import { createServer } from "node:net";

const { test } = await import(process.env.VITEST ? "vitest" : "node:test");
const { AssertionError, connect, MockflowError } = await import(process.env.MOCKFLOW_CLIENT_JS);

const ANN = "ann@example.com";
const START = "2030-01-01T00:00:00.000Z";
const server = await connect();

/** A test in a sandbox of its own. */
function inSandbox(name, body) {
  test(name, async () => {
    const box = await server.sandbox({ label: name });
    try {
      await body(box);
    } finally {
      await box.close();
    }
  });
}

async function send(box, method, path, { body, as = ANN, headers = {} } = {}) {
  const cookie = as === null ? {} : { Cookie: await box.signIn(as) };
  return fetch(`${box.url}/api/${path}`, {
    method,
    headers: { ...headers, ...cookie, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
}

const add = async (box, title) => (await send(box, "POST", "v2/todo", { body: { title } })).status;
const check = async (box) => (await send(box, "GET", "v1/auth-check", { as: null })).status;
const askForCode = (box, email) => send(box, "POST", "v1/user/signup/send-otp", { body: { email }, as: null });
const message = (work) => work.then(() => assert.fail("it was not refused"), (error) => error.message);

// -- sandboxes

test("a sandbox is fresh, has a label, and goes", async () => {
  const box = await server.sandbox({ label: "mine" });
  assert.ok(box.url.startsWith(`${server.url}/s/box-`));
  assert.equal(await add(box, "one"), 201);
  const listed = async () => (await server.call("GET", "sandboxes")).sandboxes;
  const mine = (await listed()).find(({ path }) => `${box.url}/`.endsWith(path) && path !== "/");
  assert.equal(mine.label, "mine");
  assert.ok(mine.expiresInSeconds > 3000 && mine.expiresInSeconds <= 3600);
  await box.close();
  await box.close();
  assert.ok(!(await listed()).some(({ name }) => name === mine.name));
});

test("a sandbox, a fault and a preset can be disposed of", async () => {
  const dispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
  const box = await server.sandbox();
  for (const make of [() => box.fault({ status: 503 }), () => box.preset("outage")]) {
    const one = await make();
    assert.equal(await check(box), 503);
    await one[dispose]();
    assert.equal(await check(box), 200);
  }
  await box[dispose]();
  const { sandboxes } = await server.call("GET", "sandboxes");
  assert.ok(!sandboxes.some(({ path }) => path !== "/" && `${box.url}/`.endsWith(path)));
});

test("a sandbox that has a name is reached by it", async () => {
  const sandbox = `mine-${process.pid}`;
  const mine = await connect({ url: `${server.url}/`, sandbox });
  assert.equal(mine.url, `${server.url}/s/${sandbox}`);
  const again = await connect({ url: mine.url });
  await again.clock.advance("1d");
  assert.equal(await mine.clock.now(), "2030-01-02T00:00:00.000Z");
  const inside = await again.sandbox();
  assert.ok(inside.url.startsWith(`${server.url}/s/box-`));
  await inside.close();
});

test("a server that is not there is said, with what to do", async () => {
  const closed = createServer();
  await new Promise((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const nobody = `http://127.0.0.1:${closed.address().port}`;
  await new Promise((resolve) => closed.close(resolve));
  const told = await message(connect({ url: nobody }));
  assert.ok(told.startsWith(`No mockflow answers at ${nobody}: `), told);
  assert.match(told, /ECONNREFUSED.*mockflow exec -- npm test/);
});

test("an address that nobody gave is said", async () => {
  const url = process.env.MOCKFLOW_URL;
  delete process.env.MOCKFLOW_URL;
  try {
    assert.match(await message(connect()), /^There is no server to connect to\. Run the tests with `mockflow exec/);
  } finally {
    process.env.MOCKFLOW_URL = url;
  }
});

test("a token that is wrong is said in the server's words", async () => {
  const error = await connect({ token: "wrong" }).catch((caught) => caught);
  assert.ok(error instanceof MockflowError);
  assert.deepEqual([error.name, error.status], ["MockflowError", 401]);
  assert.match(error.message, /needs Authorization: Bearer/);
});

// -- sessions, accounts, mail

inSandbox("anybody is signed in without a password", async (box) => {
  const answer = await send(box, "GET", "v1/auth-check", { as: "oli@example.com" });
  assert.deepEqual(await answer.json(), { isAuthenticated: true, email: "oli@example.com" });
  assert.match(await box.signIn(ANN), /^connect\.sid=\S+$/);
  assert.match(await message(box.signIn("no@example.com")), /^There is no account with the e-mail no@example\.com\.$/);
  const [ann, , oli] = await box.accounts();
  assert.deepEqual([ann.email, ann.password, oli.provider], [ANN, "Passw0rd!", "google"]);
});

inSandbox("the newest code is the one", async (box) => {
  const empty = await message(box.outbox.codeFor("a+b@example.com"));
  assert.equal(empty, "The outbox has no code for a+b@example.com: it is empty.");
  for (const email of ["new@example.com", "other@example.com", "new@example.com"]) await askForCode(box, email);
  const [, other, newest] = await box.outbox.messages();
  assert.equal(await box.outbox.codeFor("new@example.com"), newest.code);
  assert.deepEqual(await box.outbox.messages({ to: "other@example.com", kind: "sign-up-code" }), [other]);
  const told = await message(box.outbox.codeFor("a@example.com"));
  assert.equal(told, "The outbox has no code for a@example.com: there are messages to new@example.com, other@example.com.");
});

// -- faults

inSandbox("a fault hits until it is removed", async (box) => {
  const fault = await box.fault({ operation: "createTask", status: 429, retryAfter: 7, message: "Slow down.", times: 1 });
  const answer = await send(box, "POST", "v2/todo", { body: { title: "x" } });
  assert.deepEqual([answer.status, answer.headers.get("Retry-After")], [429, "7"]);
  assert.equal((await answer.json()).message, "Slow down.");
  assert.equal(answer.headers.get("X-Mockflow-Fault"), fault.id);
  assert.equal(await add(box, "y"), 201);
  assert.equal(await fault.hits(), 1);
  await fault.remove();
  await fault.remove();
  assert.equal(await fault.hits(), 1);
  assert.deepEqual(await box.call("GET", "faults"), { faults: [] });
});

inSandbox("a fault that a reset has ended is gone", async (box) => {
  const fault = await box.fault({ status: 503 });
  await box.reset();
  assert.equal(await check(box), 200);
  await fault.remove();
  const other = await box.fault({ status: 500 }); // it may have the same id
  await fault.remove();
  assert.deepEqual([await check(box), await other.hits(), await fault.hits()], [500, 1, 0]);
});

inSandbox("every key of the grammar is understood", async (box) => {
  const rule = {
    id: "all", operation: "createTask", method: "POST", path: "/api/v2/**", user: ANN, status: 503, message: "No.",
    retryAfter: 3, contentType: "text/html", content: "<p>a; b=c</p>", latency: 1, jitter: 1, distribution: "lognormal",
    bytesPerSecond: 100_000, skip: 1, times: 2, probability: 0.5, phase: "after", expiresAfter: 60,
  };
  await box.fault(rule);
  const [made] = (await box.call("GET", "faults")).faults;
  assert.deepEqual(made.match, { operation: "createTask", method: "POST", path: "/api/v2/**", user: ANN });
  assert.deepEqual(made.effect, {
    status: 503, message: "No.", retryAfter: 3, headers: { "Content-Type": "text/html" }, body: "<p>a; b=c</p>",
  });
  assert.deepEqual(made.latency, { ms: 1, jitter: 1, distribution: "lognormal", bytesPerSecond: 100_000 });
  for (const key of ["id", "skip", "times", "probability", "phase", "expiresAfter"]) assert.equal(made[key], rule[key]);
  for (const effect of [{ disconnect: "reset" }, { hang: 1 }, { malformed: true }, { expireSession: true }]) {
    const { id } = await box.fault({ ...effect, times: undefined });
    assert.deepEqual((await box.call("GET", `faults/${id}`)).effect, effect);
  }
});

inSandbox("a preset is all of its rules", async (box) => {
  const network = await box.preset("flaky-network");
  assert.deepEqual(network.faults.map(({ id }) => id), ["flaky-network-reset", "flaky-network-truncate"]);
  await network.remove();
  const outage = await box.preset("outage");
  assert.deepEqual([await check(box), await outage.hits(), outage.name], [503, 1, "outage"]);
});

for (const [rule, told] of [
  [{ oper: "createTask" }, 'fault() does not take "oper". Did you mean operation?'],
  [{ retry_after: 1 }, 'fault() does not take "retry_after". Did you mean retryAfter?'],
  [{ status: 200 }, "fault({ status: 200 }): status: Input should be greater than or equal to 400."],
  [{ distribution: "lognormal" }, 'fault({ distribution: "lognormal" }): Give latency, jitter or bytesPerSecond: this delays nothing.'],
  [{ status: 500, operation: "createTaks" },
    'fault({ status: 500, operation: "createTaks" }): operation: There is no operation \'createTaks\'. Did you mean createTask, createTag, updateTasks?'],
]) {
  inSandbox(`a rule that cannot be is refused: ${told}`, async (box) => {
    assert.equal(await message(box.fault(rule)), told);
  });
}

inSandbox("a preset that is misspelt is told the nearest", async (box) => {
  assert.equal(await message(box.preset("outtage")), 'preset("outtage"): There is no preset \'outtage\'. Did you mean outage?');
});

// -- the clock, the state

inSandbox("the clock is moved", async (box) => {
  assert.equal(await box.clock.now(), START);
  await box.clock.advance(90);
  await box.clock.advance("5m");
  assert.equal(await box.clock.now(), "2030-01-01T00:06:30.000Z");
  await box.clock.freeze(new Date(Date.UTC(2031, 1, 3)));
  assert.equal(await box.clock.now(), "2031-02-03T00:00:00.000Z");
  await box.clock.set("2032-02-29");
  assert.equal(await box.clock.now(), "2032-02-29T00:00:00.000Z");
  await box.clock.real();
  assert.equal((await box.call("GET", "clock")).mode, "real");
  assert.match(await message(box.clock.freeze("tomorrow")), /ISO 8601/);
});

inSandbox("there is a way back", async (box) => {
  await add(box, "one");
  await box.snapshot("before");
  await add(box, "two");
  assert.equal((await box.rows()).filter((row) => row.startsWith("task ")).length, 2);
  await box.restore("before");
  assert.equal((await box.rows()).filter((row) => row.startsWith("task ")).length, 1);
  await box.reset({ seeds: "minimal", clock: new Date(0) });
  assert.deepEqual([await box.clock.now(), (await box.accounts()).length], ["1970-01-01T00:00:00.000Z", 1]);
  assert.match(await message(box.restore("befor")), /There is no snapshot 'befor'/);
});

// -- the journal

inSandbox("requests are filtered", async (box) => {
  await add(box, "one");
  await box.clock.advance(60);
  await check(box);
  const ids = async (filter) => (await box.requests(filter)).map(({ id }) => id);
  assert.deepEqual(await ids(), ["req-1", "req-2"]);
  assert.deepEqual(await ids({ operation: "createTask", status: 201, text: "ONE", limit: undefined }), ["req-1"]);
  assert.deepEqual(await ids({ since: new Date(Date.UTC(2030, 0, 1, 0, 1)) }), ["req-2"]);
  assert.equal(await message(box.requests({ statsu: 1 })), 'requests() does not take "statsu". Did you mean status?');
  const [sent] = await box.requests({ limit: 2 });
  assert.deepEqual([sent.request.body, sent.status, sent.user], [{ title: "one" }, 201, ANN]);
  await box.forget();
  assert.deepEqual(await ids(), []);
});

inSandbox("so many requests have to match", async (box) => {
  await add(box, "one");
  await add(box, "two");
  await send(box, "GET", "v2/todo/search?q=milk&tag=a&tag=b", { headers: { "Accept-Language": "de" } });
  await box.assertCalled();
  await box.assertCalled({ operation: "createTask", count: 2 });
  await box.assertCalled({ operation: "createTask", atLeast: 1, atMost: 2 });
  await box.assertCalled({ path: "/api/*/todo", body: { title: "two" }, count: 1 });
  await box.assertCalled({ query: { q: "milk", tag: ["a", "b"] }, headers: { "accept-language": "de" } });
  await box.assertNotCalled({ operation: "deleteTask" });
  const { ok, count } = await box.verify({ operation: "createTask", atMost: 1 });
  assert.deepEqual([ok, count], [false, 2]);
  for (const [bounds, told] of [[{ count: 1 }, "exactly 1"], [{ atLeast: 3 }, "at least 3"], [{ atMost: 1 }, "at most 1"]]) {
    const said = await message(box.assertCalled({ operation: "createTask", ...bounds }));
    assert.ok(said.startsWith(`{ operation: "createTask" }: 2 of 3 requests in the journal match, expected ${told}.`), said);
  }
  assert.match(await message(box.assertNotCalled({ operation: "createTask" })), /match, expected exactly 0\.\nClosest:\n {2}req-2 /);
});

inSandbox("a miss is told field by field", async (box) => {
  await send(box, "POST", "v2/todo", { body: { title: "one", tags: [] } });
  const asked = { operation: "createTask", status: 201, body: { title: "two", tags: ["x"], color: null } };
  const error = await box.assertCalled(asked).catch((caught) => caught);
  assert.ok(error instanceof AssertionError);
  assert.equal(error.message, [
    '{ operation: "createTask", status: 201, body: { title: "two", tags: ["x"], color: null } }: 0 of 1 requests in the ' +
      "journal match, expected at least 1.",
    "Closest:",
    "  req-1 POST /api/v2/todo -> 201 operation=createTask user=ann@example.com",
    '      operation = "createTask"',
    "      status = 201",
    '    - body.title is "one", expected "two"',
    '    - body.tags is [], expected ["x"]',
    "    - body.color is not there, expected null",
  ].join("\n"));
});

inSandbox("what cannot be asked is refused", async (box) => {
  const both = async () => box.assertCalled({ count: 1, atLeast: 1 });
  assert.match(await message(both()), /Give count, or atLeast and atMost, not both/);
  assert.equal(await message((async () => box.assertCalled({ cuont: 1 }))()), 'assertCalled() does not take "cuont". Did you mean count?');
  assert.match(await message(box.assertNotCalled({ count: 1 })), /^assertNotCalled\(\) does not take "count"\. There are operation, /);
});

inSandbox("the last requests can be printed", async (box) => {
  assert.equal(await box.recent(), "There were no requests.");
  await add(box, "ä".repeat(400));
  await box.fault({ id: "gone", disconnect: "reset" });
  await assert.rejects(check(box));
  const lines = (await box.recent()).split("\n");
  assert.equal(lines[0], "req-1 POST /api/v2/todo -> 201 operation=createTask user=ann@example.com");
  assert.equal(lines[1], `    sent {"title":"${"ä".repeat(290)}…`);
  assert.deepEqual(lines.slice(3, 5), [
    "req-2 GET /api/v1/auth-check -> no answer operation=checkAuth fault=gone",
    "    The fault gone reset the connection.",
  ]);
});
