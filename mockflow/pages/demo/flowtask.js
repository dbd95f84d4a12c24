// Flowtask, as a careful client in a browser calls it. It imports nothing: copy it. docs/demo.md tells why it does so.

const TIMEOUT_MS = 6_000; // somebody sits there and waits
const TRIES = 4;
const LONGEST_WAIT_SECONDS = 60; // a `Retry-After` beyond this is for a person to decide: for passcodes it says a day

/**
 * What went wrong, in words, and its kind: "refused" is a clear no (with `status`, and `offences` of the fields), after "no
 * answer" nobody knows whether it was done, "stopped" is the person's. `seconds` says when to come back, if Flowtask did.
 */
export class Failure extends Error {
  constructor(kind, message, { status, seconds, offences = [] } = {}) {
    super(message);
    Object.assign(this, { kind, status, seconds, offences, mayPass: kind === "no answer" || status === 429 });
  }
}

export class Flowtask {
  #api;
  #person;
  #notBefore = 0; // what Flowtask asked for once holds for all calls; by `performance.now`
  #ahead = 0; // of this machine's clock, in milliseconds
  #unsettled = new Map(); // by what was to be made, and may have been: the ids from before

  /**
   * `api` is all that comes before `/api`. `onWait` is told of each wait as `{until, why, stop}`, and gives a function to
   * call at its end. `onSignedOut` is called when the session is over, and gives a promise of the next one.
   */
  constructor(api, { onWait, onSignedOut }) {
    this.#api = api;
    this.#person = { onWait, onSignedOut };
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

  signIn = (email, password) => this.#patiently(() => this.#send("POST", "v1/user/signin", { email, password }));
  requestSignUpCode = (email) => this.#patiently(() => this.#send("POST", "v1/user/signup/send-otp", { email }));

  /** A 401 says that there is no session, which is what was wanted. */
  signOut = () => this.#patiently(() => this.#send("POST", "v1/user/logout").catch(unless(401)));

  /** A code is good for once. So where this may have worked, signing in tells whether it has. */
  signUp = (email, code, password) => this.#patiently(async () => {
    try {
      await this.#send("POST", "v1/user/signup/verify", { email, code, password });
    } catch (error) {
      if (error.status === 429 || error.kind === "stopped") throw error;
      await this.#send("POST", "v1/user/signin", { email, password }).catch(() => Promise.reject(error));
    }
  });

  // --- what may be done twice
  read = (path) => this.#patiently(() => this.#signedIn("GET", path));
  change = (method, path, body) => this.#patiently(() => this.#signedIn(method, path, body));

  /** A 404 says that it is gone, which is what was wanted. */
  remove = (path) => this.#patiently(() => this.#signedIn("DELETE", path).catch(unless(404)));

  // --- what must not be done twice
  /**
   * Make something once, and give it. The API has no key to tell a repeated call from a second one, so this looks: `list`
   * gives all of the kind; those that were not there before and hold what was sent are it. There may be two of them: when
   * a connection that was used before breaks without an answer, the browser itself sends the request once more, and tells
   * nobody. Then the later one is removed, at `path/<id>` or where `place` says. Who tries again after nobody knew whether
   * it was done gets what was made then.
   */
  async make(path, body, list, place = ({ id }) => `${path}/${id}`) {
    const key = JSON.stringify([path, body]);
    const again = this.#unsettled.has(key);
    const before = this.#unsettled.get(key) ?? new Set((await list()).map((one) => one.id));
    const look = async () => (await list()).filter((one) => !before.has(one.id) && holds(one, body)).sort(byAge);
    this.#unsettled.set(key, before);
    const made = await this.#patiently(async (attempt) => {
      const found = again || attempt > 1 ? await look() : [];
      return found[0] ?? Object.values(await this.#signedIn("POST", path, body)).find((part) => part.id);
    }).catch(async (error) => {
      const [found] = error.kind === "stopped" ? [] : await look().catch(() => []);
      if (!found && error.kind === "refused") this.#unsettled.delete(key);
      return found ?? Promise.reject(error);
    });
    const [first, ...twins] = await look().catch(() => [made]);
    for (const twin of twins) await this.remove(place(twin));
    if (twins.length > 0) await list(); // somebody may show it
    this.#unsettled.delete(key);
    return first ?? made;
  }

  // --- how
  async #patiently(action) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await action(attempt);
      } catch (error) {
        const enough = attempt === TRIES || error.seconds > LONGEST_WAIT_SECONDS;
        if (!error.mayPass || enough) throw Object.assign(error, { mayPass: false }); // who called this tries no more either
        if (error.seconds === undefined) await this.#wait(0.2 * 2 ** attempt, error.message); // else all calls wait, below
      }
    }
  }

  // Once: who is turned away again straight after signing in is told so.
  async #signedIn(method, path, body) {
    const { answer, over } = await this.#send(method, path, body).then((found) => ({ answer: found }), unless(401, { over: true }));
    if (!over) return answer;
    await this.#person.onSignedOut();
    return this.#send(method, path, body);
  }

  async #send(method, path, body) {
    for (let now; (now = performance.now()) < this.#notBefore; ) {
      await this.#wait((this.#notBefore - now) / 1000, "Flowtask asks for patience.");
    }
    const { response, answer } = await exchange(`${this.#api}/api/${path}`, method, body);
    this.#ahead = (Date.parse(response.headers.get("Date")) || Date.now()) - Date.now();
    if (response.ok && answer !== undefined) return answer;
    const told = response.headers.get("Retry-After");
    const seconds = told === null ? undefined : Number(told);
    if (seconds <= LONGEST_WAIT_SECONDS) this.#notBefore = performance.now() + seconds * 1000;
    throw failureOf(response, answer, seconds);
  }

  #wait(seconds, why) {
    return new Promise((go, refuse) => {
      const stop = () => end(() => refuse(new Failure("stopped", `You stopped waiting. ${why}`)));
      const timer = setTimeout(() => end(go), seconds * 1000);
      const over = this.#person.onWait({ until: performance.now() + seconds * 1000, why, stop });
      const end = (then) => (clearTimeout(timer), over(), then());
    });
  }
}

// The body is read in here too: an answer that breaks off, or is some gateway's page, is as lost as one that never came.
async function exchange(url, method, body) {
  const options = { method, signal: AbortSignal.timeout(TIMEOUT_MS), body };
  if (body !== undefined && !(body instanceof FormData)) {
    Object.assign(options, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }
  try {
    const response = await fetch(url, options);
    const text = await response.text();
    return { response, answer: await new Response(text).json().catch(() => undefined) };
  } catch (error) {
    const late = error.name === "TimeoutError";
    throw new Failure("no answer", late ? "Flowtask takes too long to answer." : "Flowtask cannot be reached.");
  }
}

function failureOf({ status, ok }, answer, seconds) {
  if (ok) return new Failure("no answer", "Flowtask's answer broke off.");
  if (status >= 500) return new Failure("no answer", `Flowtask is in trouble (${status}).`, { status, seconds });
  const words = answer?.message ?? `Flowtask refused this (${status}).`;
  const come = seconds > LONGEST_WAIT_SECONDS ? ` Come back in ${Math.ceil(seconds / 60)} minutes.` : "";
  return new Failure("refused", words + come, { status, seconds, offences: answer?.errors });
}

/** For `catch`: gives something instead of a refusal with this status, and passes all others on. */
const unless = (status, instead) => (error) => (error.status === status ? instead : Promise.reject(error));

const byAge = (one, other) => (one.createdAt ?? "").localeCompare(other.createdAt ?? "");

// Whether something has all the values that were sent to make it.
const holds = (one, body) => Object.entries(body).every(([name, value]) => (
  name === "tags" ? value.every((id) => one.tags.some((tag) => tag.id === id)) : (one[name] ?? null) === (value ?? null)));
