// Flowtask, as a careful client in a browser calls it. It imports nothing: copy it. docs/demo.md tells why it does what
// it does.

const TIMEOUT_MS = 6_000; // somebody sits there and waits
const TRIES = 4;
const LONGEST_WAIT_SECONDS = 60; // a `Retry-After` beyond this is for a person to decide: for passcodes it says a day

/** Flowtask said no, and has done nothing: its status, its own words, and what it says of the fields. */
export class Refused extends Error {
  constructor(status, message, { offences = [], seconds } = {}) {
    super(message);
    Object.assign(this, { status, offences, seconds });
  }
  get mayPass() {
    return this.status === 429;
  }
}

/** No answer, half of one, or that of a server in trouble: nobody knows whether it was done. */
export class NoAnswer extends Error {
  mayPass = true;
  constructor(message, { seconds } = {}) {
    super(message);
    this.seconds = seconds;
  }
}

/** The person did not want to wait, or not to sign in again. */
export class Stopped extends Error {}

export class Flowtask {
  #api;
  #onWait;
  #onSignedOut;
  #notBefore = 0; // what Flowtask asked for once holds for all calls; by `performance.now`
  #ahead = 0; // of this machine's clock, in milliseconds

  /**
   * `api` is all that comes before `/api`. `onWait` is told of each wait as `{until, why, stop}`, and gives a function to
   * call at its end. `onSignedOut` is called when the session is over, and gives a promise of the next one.
   */
  constructor(api, { onWait, onSignedOut }) {
    this.#api = api;
    this.#onWait = onWait;
    this.#onSignedOut = onSignedOut;
  }

  /** Now, by Flowtask's clock: what is due today is its business. */
  get now() {
    return new Date(Date.now() + this.#ahead);
  }

  // --- accounts

  /** The e-mail of who is signed in; null where nobody is. */
  async whoIsIt() {
    const { isAuthenticated, email } = await this.#patiently(() => this.#send("GET", "v1/auth-check"));
    return isAuthenticated ? email : null;
  }

  async signIn(email, password) {
    await this.#patiently(() => this.#send("POST", "v1/user/signin", { email, password }));
  }

  /** A 401 says that there is no session, which is what was wanted. */
  async signOut() {
    await this.#patiently(() => this.#send("POST", "v1/user/logout").catch(unless(401)));
  }

  async requestSignUpCode(email) {
    await this.#patiently(() => this.#send("POST", "v1/user/signup/send-otp", { email }));
  }

  /** A code is good for once. So where this may have worked, signing in tells whether it has. */
  async signUp(email, code, password) {
    await this.#patiently(async () => {
      try {
        await this.#send("POST", "v1/user/signup/verify", { email, code, password });
      } catch (error) {
        if (error.status === 429 || error instanceof Stopped) throw error;
        await this.#send("POST", "v1/user/signin", { email, password }).catch(() => Promise.reject(error));
      }
    });
  }

  // --- what may be done twice

  async read(path) {
    return this.#patiently(() => this.#signedIn("GET", path));
  }

  async change(method, path, body) {
    return this.#patiently(() => this.#signedIn(method, path, body));
  }

  /** A 404 says that it is gone, which is what was wanted. */
  async remove(path) {
    await this.#patiently(() => this.#signedIn("DELETE", path).catch(unless(404)));
  }

  // --- what must not be done twice

  /**
   * Make something once, and give it. The API has no key to tell a repeated call from a second one, so this looks: `list`
   * gives all of the kind, those that were not there before and hold what was sent are it. There may be two of them: when
   * a connection that was used before breaks without an answer, the browser itself sends the request once more, and tells
   * nobody. Then `path/<id>` of the later one is deleted; `removal` gives another path.
   */
  async make(path, body, list, removal = (one) => `${path}/${one.id}`) {
    const before = new Set((await list()).map((one) => one.id));
    const made = async () => (await list()).filter((one) => !before.has(one.id) && holds(one, body)).sort(byAge);
    let answer = null;
    let failure = null;
    try {
      answer = await this.#patiently(async (attempt) => {
        if (attempt === 1 || (await made()).length === 0) return this.#signedIn("POST", path, body);
      });
    } catch (error) {
      failure = error;
    }
    if (failure instanceof Stopped) throw failure;
    const found = await made().catch(() => []);
    if (failure !== null && found.length === 0) throw failure;
    for (const twin of found.slice(1)) await this.remove(removal(twin));
    return found[0] ?? Object.values(answer).find((part) => part.id);
  }

  // --- how

  async #patiently(action) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await action(attempt);
      } catch (error) {
        const seconds = error.seconds ?? 0.2 * 2 ** attempt;
        if (!error.mayPass || attempt === TRIES || seconds > LONGEST_WAIT_SECONDS) throw error;
        if (error.seconds === undefined) await this.#wait(seconds, error.message); // else all calls wait, below
      }
    }
  }

  // Once: who is turned away again straight after signing in is told so.
  async #signedIn(method, path, body) {
    const signedOut = await this.#send(method, path, body).then((answer) => ({ answer }), unless(401));
    if (signedOut) return signedOut.answer;
    await this.#onSignedOut();
    return this.#send(method, path, body);
  }

  async #send(method, path, body) {
    while (this.#notBefore > performance.now()) {
      await this.#wait((this.#notBefore - performance.now()) / 1000, "Flowtask asks for patience.");
    }
    const { response, answer } = await exchange(`${this.#api}/api/${path}`, method, body);
    this.#ahead = (Date.parse(response.headers.get("Date")) || Date.now()) - Date.now();
    if (response.ok && answer !== undefined) return answer;
    const told = Number.parseFloat(response.headers.get("Retry-After") ?? "");
    const seconds = Number.isNaN(told) ? undefined : told;
    if (seconds <= LONGEST_WAIT_SECONDS) this.#notBefore = performance.now() + seconds * 1000;
    throw failureOf(response, answer, seconds);
  }

  #wait(seconds, why) {
    return new Promise((go, refuse) => {
      const stop = () => end(() => refuse(new Stopped(`You stopped waiting. ${why}`)));
      const timer = setTimeout(() => end(go), seconds * 1000);
      const over = this.#onWait({ until: performance.now() + seconds * 1000, why, stop });
      const end = (then) => {
        clearTimeout(timer);
        over();
        then();
      };
    });
  }
}

// The body is read in here too: an answer that breaks off is as lost as one that never came.
async function exchange(url, method, body) {
  const options = { method, signal: AbortSignal.timeout(TIMEOUT_MS), headers: {} };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(url, options);
    const text = await response.text();
    return { response, answer: parsed(text) };
  } catch (error) {
    const late = error.name === "TimeoutError";
    throw new NoAnswer(late ? "Flowtask takes too long to answer." : "Flowtask cannot be reached.");
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // half of an answer, or the page of some gateway
  }
}

function failureOf({ status, ok }, answer, seconds) {
  if (ok) return new NoAnswer("Flowtask's answer broke off.");
  if (status >= 500) return new NoAnswer(`Flowtask is in trouble (${status}).`, { seconds });
  const words = answer?.message ?? `Flowtask refused this (${status}).`;
  if (status !== 429) return new Refused(status, words, { offences: answer?.errors });
  return new Refused(status, seconds > LONGEST_WAIT_SECONDS ? `${words} ${later(seconds)}` : words, { seconds });
}

const later = (seconds) => `Come back in ${seconds < 7200 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3600)} hours`}.`;

/** For `catch`: passes on every error but a refusal with this status. */
const unless = (status) => (error) => {
  if (error.status !== status) throw error;
};

const byAge = (one, other) => (one.createdAt ?? "").localeCompare(other.createdAt ?? "") || one.id.localeCompare(other.id);

// Whether something has all the values that were sent to make it.
function holds(one, body) {
  return Object.entries(body).every(([name, value]) =>
    name === "tags" ? value.every((id) => one.tags.some((tag) => tag.id === id))
      : JSON.stringify(one[name] ?? null) === JSON.stringify(value ?? null));
}
