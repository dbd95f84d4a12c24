// mockflow's handle for JavaScript tests; client.d.ts has its types. `mockflow client-js FOLDER` writes both anew.
// No dependency; Node 18 or newer, and browsers. It calls nothing but the server's control API.

const NEEDS_A_SERVER =
  "Run the tests with `mockflow exec -- npm test`, which sets MOCKFLOW_URL, or give its address: connect({ url }).";
const TIMEOUT_MS = 10_000;
/** After which a sandbox goes away by itself, should the tests be killed. */
const TTL_SECONDS = 3600;
const WIDTH = 300;
const DISPOSE = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");

// Where each key of fault() is in a rule.
const PLACES = {
  id: ["id"],
  operation: ["match", "operation"],
  method: ["match", "method"],
  path: ["match", "path"],
  user: ["match", "user"],
  status: ["effect", "status"],
  message: ["effect", "message"],
  retryAfter: ["effect", "retryAfter"],
  contentType: ["effect", "headers", "Content-Type"],
  content: ["effect", "body"],
  disconnect: ["effect", "disconnect"],
  hang: ["effect", "hang"],
  malformed: ["effect", "malformed"],
  expireSession: ["effect", "expireSession"],
  latency: ["latency", "ms"],
  jitter: ["latency", "jitter"],
  distribution: ["latency", "distribution"],
  bytesPerSecond: ["latency", "bytesPerSecond"],
  skip: ["skip"],
  times: ["times"],
  probability: ["probability"],
  phase: ["phase"],
  expiresAfter: ["expiresAfter"],
};
const FILTER = ["operation", "method", "path", "status", "text", "since", "limit"];
const MATCH = ["operation", "method", "path", "status", "query", "headers", "body"];
const BOUNDS = ["count", "atLeast", "atMost"];

/** The server refused a call, or there is none. `status` is 0 where no answer came. */
export class MockflowError extends Error {
  constructor(message, { status = 0, errors = [], cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "MockflowError";
    this.status = status;
    this.errors = errors;
  }
}

/** What was to be sent was not, or the other way round; the message shows the closest requests. */
export class AssertionError extends Error {
  constructor(message) {
    super(message);
    this.name = "AssertionError";
  }
}

/** A running server: of MOCKFLOW_URL, of `url`, or, in a browser, the one that the page is from. */
export async function connect({ url, sandbox, token } = {}) {
  const base = trimmed(url ?? variable("MOCKFLOW_URL") ?? pageUrl());
  const server = sandbox === undefined ? base : `${withoutSandbox(base)}/s/${encodeURIComponent(sandbox)}`;
  const control = new Control(server, token ?? variable("MOCKFLOW_CONTROL_TOKEN"));
  await control.call("GET", "ready");
  return new Mockflow(control);
}

/** One sandbox. `url` is the base URL for the client under test, without `/api`. */
class Mockflow {
  #control;

  constructor(control) {
    this.#control = control;
    this.url = control.url;
    this.clock = new Clock(control);
    this.outbox = new Outbox(control);
  }

  /** A sandbox of its own, in the state the server started with; `close()` or `await using` ends it. */
  async sandbox({ label } = {}) {
    const made = await this.call("POST", "sandboxes", { ttlSeconds: TTL_SECONDS, label: label?.slice(0, 500) });
    return new Sandbox(this.#control, made.name);
  }

  /** A session of an account, without its password: the value of the header `Cookie`. */
  async signIn(email) {
    return (await this.call("POST", "sessions", { email })).cookie;
  }

  /** Puts a fault rule in force; `remove()` or `await using` ends it. */
  async fault(keys) {
    checkNames("fault", keys, Object.keys(PLACES));
    const told = `fault(${shown(keys)})`;
    const made = await this.call("POST", "faults", ruleOf(keys)).catch((error) => refused(told, error));
    return new Fault(this.#control, made.id);
  }

  /** Puts a ready-made trouble in force, such as `outage`, as `fault` does. */
  async preset(name) {
    const use = this.call("POST", `faults/presets/${encodeURIComponent(name)}`);
    const { faults } = await use.catch((error) => refused(`preset(${shown(name)})`, error));
    return new Preset(name, faults.map(({ id }) => new Fault(this.#control, id)));
  }

  /** The requests that match, oldest first. */
  async requests(filter = {}) {
    checkNames("requests", filter, FILTER);
    return (await this.call("GET", `requests?${queryOf(filter)}`)).requests;
  }

  /** Whether so many requests match, how many do, and which come closest; throws for no verdict. */
  verify(expected = {}) {
    return this.#verdict("verify", expected);
  }

  /** Throws an `AssertionError` unless so many requests match: `count`, or within bounds, or at least one. */
  async assertCalled(expected = {}) {
    explain(expected, await this.#verdict("assertCalled", expected));
  }

  /** Throws an `AssertionError` where a request matches. */
  async assertNotCalled(match = {}) {
    checkNames("assertNotCalled", match, MATCH);
    explain(match, await this.#verdict("assertNotCalled", { ...match, count: 0 }));
  }

  #verdict(name, { count, atLeast, atMost, ...match }) {
    checkNames(name, match, [...MATCH, ...BOUNDS]);
    const bounds = { atLeast, atMost };
    const bounded = atLeast !== undefined || atMost !== undefined;
    if (count !== undefined && bounded) throw new TypeError("Give count, or atLeast and atMost, not both.");
    return this.call("POST", "requests/verify", { match, count: count ?? (bounded ? bounds : { atLeast: 1 }) });
  }

  /** Forgets the requests that have come so far. */
  async forget() {
    await this.call("DELETE", "requests");
  }

  /** The last requests as text, to print. */
  async recent(count = 10) {
    const lines = (await this.requests({ limit: count })).flatMap(linesOf);
    return lines.join("\n") || "There were no requests.";
  }

  /** The accounts that the seeds have made, with their passwords. */
  async accounts() {
    return (await this.call("GET", "accounts")).accounts;
  }

  /** The state in comparable form: sorted texts, without ids. */
  async rows() {
    return (await this.call("GET", "data?form=rows")).rows;
  }

  /** Keeps data, sessions, outbox, clock and faults under a name. */
  async snapshot(name) {
    await this.call("PUT", `snapshots/${encodeURIComponent(name)}`);
  }

  /** Goes back to a snapshot; the journal of requests goes on. */
  async restore(name) {
    await this.call("POST", `snapshots/${encodeURIComponent(name)}/restore`);
  }

  /** Goes back to the start state, or to another: `seeds`, `seed`, `clock`. */
  async reset({ seeds, seed, clock } = {}) {
    await this.call("POST", "reset", { seeds, seed, clock: moment(clock) });
  }

  /** Any other call of the control API: the answer's JSON. */
  call(method, path, body) {
    return this.#control.call(method, path, body);
  }
}

/** A sandbox that was made for a while. */
class Sandbox extends Mockflow {
  #server;
  #name;

  constructor(server, name) {
    super(new Control(`${withoutSandbox(server.url)}/s/${name}`, server.token));
    this.#server = server;
    this.#name = name;
  }

  /** Its data and sessions are gone. */
  async close() {
    const name = this.#name;
    this.#name = undefined;
    if (name !== undefined) await this.#server.call("DELETE", `sandboxes/${name}`);
  }

  [DISPOSE]() {
    return this.close();
  }
}

/** A rule in force. */
class Fault {
  #control;
  #hits;

  constructor(control, id) {
    this.#control = control;
    this.id = id;
  }

  /** How often it fired; once it is removed, until then. */
  async hits() {
    return this.#hits ?? (await this.#rule())?.hits ?? 0;
  }

  /** Takes it out of force, if that was not done before, here or by a reset. */
  async remove() {
    if (this.#hits !== undefined) return; // its id may be another rule's by now
    const rule = await this.#rule();
    this.#hits = rule?.hits ?? 0;
    if (rule !== undefined) await this.#control.call("DELETE", `faults/${encodeURIComponent(this.id)}`);
  }

  async #rule() {
    return (await this.#control.call("GET", "faults")).faults.find(({ id }) => id === this.id);
  }

  [DISPOSE]() {
    return this.remove();
  }
}

/** The rules of a preset, in force. */
class Preset {
  constructor(name, faults) {
    this.name = name;
    this.faults = faults;
  }

  async hits() {
    const each = await Promise.all(this.faults.map((fault) => fault.hits()));
    return each.reduce((sum, hits) => sum + hits, 0);
  }

  async remove() {
    for (const fault of this.faults) await fault.remove();
  }

  [DISPOSE]() {
    return this.remove();
  }
}

/** The clock of a sandbox. Moments are ISO 8601 text or a `Date`. */
class Clock {
  #control;

  constructor(control) {
    this.#control = control;
  }

  /** What it says, ISO 8601 in UTC. */
  async now() {
    return (await this.#control.call("GET", "clock")).now;
  }

  async freeze(at) {
    await this.#control.call("PUT", "clock", { freeze: moment(at) });
  }

  async set(to) {
    await this.#control.call("PUT", "clock", { set: moment(to) });
  }

  /** Moves it on: seconds, or a duration such as `90s`, `24h` or `PT5M`. */
  async advance(by) {
    await this.#control.call("PUT", "clock", { advance: by });
  }

  /** Back to real time. */
  async real() {
    await this.#control.call("DELETE", "clock");
  }
}

/** The messages that Flowtask would have mailed. */
class Outbox {
  #control;

  constructor(control) {
    this.#control = control;
  }

  async messages({ to, kind } = {}) {
    return (await this.#control.call("GET", `outbox?${queryOf({ to, kind })}`)).messages;
  }

  /** The newest one-time code that was sent to an address. */
  async codeFor(email) {
    const code = (await this.messages({ to: email })).filter((message) => message.code !== undefined).at(-1)?.code;
    if (code !== undefined) return code;
    const others = [...new Set((await this.messages()).map(({ to }) => to))].sort();
    const told = others.length > 0 ? `there are messages to ${others.join(", ")}` : "it is empty";
    throw new AssertionError(`The outbox has no code for ${email}: ${told}.`);
  }
}

/** Calls `<url>/_mockflow/…`. */
class Control {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** The answer's JSON; throws `MockflowError` with the server's own words. */
  async call(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    if (this.token !== undefined) headers.Authorization = `Bearer ${this.token}`;
    const init = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (body !== undefined) init.body = JSON.stringify(body);
    const [status, text] = await this.#exchange(`${this.url}/_mockflow/${path}`, init);
    const answer = parsed(text);
    if (status < 400 && answer !== undefined) return answer;
    if (answer?.message === undefined) {
      const told = `${this.url} is not a mockflow server (status ${status}).`;
      throw new MockflowError(`${told} ${elsewhere()}`, { status });
    }
    throw new MockflowError(answer.message, { status, errors: answer.errors });
  }

  async #exchange(address, init) {
    try {
      const response = await fetch(address, init);
      return [response.status, await response.text()];
    } catch (cause) {
      throw new MockflowError(`No mockflow answers at ${this.url}: ${why(cause)}. ${hint(this.url)}`, { cause });
    }
  }
}

// -- where the server is

function variable(name) {
  return globalThis.process?.env?.[name] || undefined;
}

/** The server that a page of a browser is from, or passes `/_mockflow` on to; with the sandbox of its path. */
function pageUrl() {
  const { origin, pathname } = globalThis.location ?? {};
  if (!/^https?:/.test(origin)) throw new MockflowError(`There is no server to connect to. ${NEEDS_A_SERVER}`);
  return origin + (/^\/s\/[a-z0-9-]+(?=\/)/.exec(pathname)?.[0] ?? "");
}

const trimmed = (url) => String(url).replace(/\/+$/, "");
const withoutSandbox = (url) => url.replace(/\/s\/[^/]+$/, "");

function why(cause) {
  if (cause?.name === "TimeoutError") return `no answer within ${TIMEOUT_MS / 1000} s`;
  const inner = cause?.cause;
  return inner?.message || inner?.code || cause?.message || String(cause);
}

/** A browser does not say why a call failed; most often it is the page's origin. */
function hint(url) {
  return globalThis.location?.origin === new URL(url).origin ? NEEDS_A_SERVER : elsewhere();
}

/** How to reach a server that is not where it was looked for. */
function elsewhere() {
  if (globalThis.document === undefined) return NEEDS_A_SERVER;
  return (
    `A page of ${globalThis.location.origin} may not drive another origin: have its server pass /_mockflow, /s and /api on to mockflow ` +
    "(docs/javascript.md shows how), and call connect() without an address."
  );
}

// -- values on their way

/** The rule that keys stand for. */
function ruleOf(keys) {
  const rule = {};
  for (const [key, value] of Object.entries(keys)) {
    if (value === undefined) continue;
    const outer = PLACES[key].slice(0, -1);
    const inner = outer.reduce((within, name) => (within[name] ??= {}), rule);
    inner[PLACES[key].at(-1)] = value;
  }
  return rule;
}

function queryOf(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(moment(value))])).toString();
}

const moment = (value) => (value instanceof Date ? value.toISOString() : value);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// -- words

/** Throws for a name that there is not, with the nearest that there is. */
function checkNames(name, given, known) {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const near = known.map((one) => [likeness(key, one), one]).sort(([a], [b]) => b - a)[0];
    const told = near[0] >= 0.55 ? `Did you mean ${near[1]}?` : `There are ${known.join(", ")}.`;
    throw new TypeError(`${name}() does not take ${JSON.stringify(key)}. ${told}`);
  }
}

/** How much of two words is the same, in the same order: from 0 to 1. */
function likeness(one, other) {
  let row = new Array(other.length + 1).fill(0);
  for (const letter of one.toLowerCase()) {
    const next = [0];
    for (const [place, wanted] of [...other.toLowerCase()].entries()) {
      next.push(letter === wanted ? row[place] + 1 : Math.max(row[place + 1], next[place]));
    }
    row = next;
  }
  return (2 * row.at(-1)) / (one.length + other.length);
}

/** Throws what the server said, by the names of the keys. */
function refused(told, error) {
  if (!(error instanceof MockflowError) || error.status === 0) throw error;
  const words = error.errors.map(({ path, message }) => {
    const key = Object.keys(PLACES).find((one) => PLACES[one].join(".") === path.join("."));
    return `${key === undefined ? "" : `${key}: `}${message.replace(/\bms\b/g, "latency")}`;
  });
  throw new MockflowError(`${told}: ${words.join(" ") || error.message}`, error);
}

/** A value as somebody would write it. */
function shown(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  const pairs = Object.entries(value).map(([key, one]) => `${/^\w+$/.test(key) ? key : JSON.stringify(key)}: ${shown(one)}`);
  return pairs.length > 0 ? `{ ${pairs.join(", ")} }` : "{}";
}

/** Throws an `AssertionError` that shows the closest requests, field by field, unless a verdict is well. */
function explain(expected, verdict) {
  if (verdict.ok) return;
  const { count, atLeast, atMost, ...match } = expected;
  const asked = Object.keys(match).length > 0 ? shown(match) : "any request";
  const lines = [`${asked}: ${verdict.message.replace("DELETE requests before", "Call forget() before")}`];
  if (verdict.closest.length > 0) lines.push("Closest:");
  for (const entry of verdict.closest) {
    lines.push(`  ${headline(entry)}`, ...entry.fields.map((field) => `    ${compared(field)}`));
  }
  throw new AssertionError(lines.join("\n"));
}

function compared({ field, ok, actual, expected, missing, note }) {
  if (ok) return `  ${field} = ${shown(actual)}`;
  if (note !== undefined) return `- ${field} expected ${shown(expected)}: ${note}`;
  return `- ${field} ${missing ? "is not there" : `is ${shown(actual)}`}, expected ${shown(expected)}`;
}

function headline(entry) {
  const words = [entry.id, entry.method, entry.path + (entry.query && `?${entry.query}`)];
  words.push(`-> ${entry.status ?? "no answer"}`);
  for (const name of ["operation", "user", "fault"]) if (entry[name]) words.push(`${name}=${entry[name]}`);
  return words.join(" ");
}

function linesOf(entry) {
  const lines = [headline(entry)];
  if (entry.error) lines.push(`    ${entry.error}`);
  for (const [label, { body }] of [["sent", entry.request], ["got", entry.response]]) {
    const text = JSON.stringify(body);
    if (body !== null) lines.push(`    ${label} ${text.length <= WIDTH ? text : `${text.slice(0, WIDTH)}…`}`);
  }
  return lines;
}
