const TRIES = 5;
/** A `Retry-After` beyond this is for a person to decide: the limit on passcodes says up to a day. */
const LONGEST_WAIT_SECONDS = 60;

/** Flowtask refused: its status, its own words, and after how many seconds to come back, if it said so. */
export class FlowtaskError extends Error {
  constructor(status, message, retryAfterSeconds) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No whole answer came. Flowtask may have done what was asked, or not. */
export class NoAnswer extends Error {}

/** Flowtask, as a page calls it: the browser keeps the session's cookie. */
export class Flowtask {
  #api;
  #onWait;

  /** `api` is all that comes before `/api`; `onWait` is told, in seconds, how long a call waits to be tried again. */
  constructor(api, onWait) {
    this.#api = api;
    this.#onWait = onWait;
  }

  async isSignedIn() {
    const { isAuthenticated } = await this.#retrying(() => this.#send("GET", "/api/v1/auth-check"));
    return isAuthenticated;
  }

  async signIn(email, password) {
    await this.#retrying(() => this.#send("POST", "/api/v1/user/signin", { email, password }));
  }

  async requestSignUpCode(email) {
    await this.#retrying(() => this.#send("POST", "/api/v1/user/signup/send-otp", { email }));
  }

  /** Not tried again by itself: a code can be used only once. */
  async completeSignUp(email, code, password) {
    await this.#send("POST", "/api/v1/user/signup/verify", { email, code, password });
  }

  async listTasks() {
    const { todos } = await this.#retrying(() => this.#send("GET", "/api/v2/todo?completed=false"));
    return todos;
  }

  /**
   * Adds a task once, even if the answer is lost: it looks for the task before it tries again. The API has no key to
   * tell a repeated call from a second one, so only the ids that were known before can.
   */
  async createTask(draft, knownIds) {
    await this.#retrying(async (attempt) => {
      if (attempt > 1 && (await this.#isThere(draft, knownIds))) return;
      await this.#send("POST", "/api/v2/todo", draft);
    });
  }

  async #isThere(draft, knownIds) {
    const tasks = await this.listTasks();
    return tasks.some((task) => !knownIds.has(task.id) && task.title === draft.title);
  }

  async #retrying(action) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await action(attempt);
      } catch (error) {
        const seconds = secondsToWait(error, attempt);
        if (seconds > LONGEST_WAIT_SECONDS || attempt === TRIES) throw error;
        this.#onWait(seconds);
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      }
    }
  }

  // The body is read in here too: an answer that breaks off, or is no JSON, is as lost as one that never came.
  async #send(method, path, body) {
    let response, answer;
    try {
      response = await fetch(this.#api + path, init(method, body));
      answer = await response.json();
    } catch (cause) {
      throw new NoAnswer("Flowtask does not answer.", { cause });
    }
    if (!response.ok) throw new FlowtaskError(response.status, answer.message, retryAfter(response));
    return answer;
  }
}

function init(method, body) {
  const session = { method, credentials: "include" };
  if (body === undefined) return session;
  return { ...session, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function retryAfter(response) {
  const header = response.headers.get("Retry-After");
  return header === null ? undefined : Number(header);
}

function secondsToWait(error, attempt) {
  const backoff = 0.1 * 2 ** attempt;
  if (error instanceof NoAnswer) return backoff;
  return error.status === 429 || error.status === 503 ? (error.retryAfterSeconds ?? backoff) : Infinity;
}
