import { type Call, Connection } from "./connection.ts";
import { FlowtaskError } from "./errors.ts";
import { DEFAULT_POLICY, retrying, type RetryPolicy } from "./retrying.ts";

export interface Task {
  id: string;
  title: string;
  dueDate: string | null;
  completed: boolean;
}

export interface Draft {
  title: string;
  dueDate?: string;
}

export interface Credentials {
  email: string;
  password: string;
}

export interface Options extends Partial<RetryPolicy> {
  timeoutMs?: number;
}

/** A Flowtask client that keeps its session, waits when it is told to, and never adds a task twice. */
export class Flowtask {
  readonly #connection: Connection;
  readonly #policy: RetryPolicy;
  #credentials: Credentials | undefined;
  #signingIn: Promise<void> | undefined;

  /** `baseUrl` is all that comes before `/api`. */
  constructor(baseUrl: string, { timeoutMs = 3_000, ...policy }: Options = {}) {
    this.#connection = new Connection(baseUrl, timeoutMs);
    this.#policy = { ...DEFAULT_POLICY, ...policy };
  }

  async requestSignUpCode(email: string): Promise<void> {
    await this.#call({ method: "POST", path: "/api/v1/user/signup/send-otp", body: { email } });
  }

  /** Not tried again by itself: a code can be used only once. */
  async completeSignUp(credentials: Credentials, code: string): Promise<void> {
    const body = { ...credentials, code };
    await this.#connection.send({ method: "POST", path: "/api/v1/user/signup/verify", body });
    this.#credentials = credentials;
  }

  async signIn(credentials: Credentials): Promise<void> {
    const call: Call = { method: "POST", path: "/api/v1/user/signin", body: credentials };
    await retrying(this.#policy, () => this.#connection.send(call));
    this.#credentials = credentials;
  }

  /** When the answer was lost, it is tried again, and a 401 then says that it had worked. */
  async signOut(): Promise<void> {
    this.#credentials = undefined;
    await retrying(this.#policy, async (attempt) => {
      try {
        await this.#connection.send({ method: "POST", path: "/api/v1/user/logout" });
      } catch (error) {
        if (attempt === 1 || !isSignedOut(error)) throw error;
      }
    });
  }

  async isSignedIn(): Promise<boolean> {
    const answer = await this.#call({ method: "GET", path: "/api/v1/auth-check" });
    return (answer as { isAuthenticated: boolean }).isAuthenticated;
  }

  async listTasks(): Promise<Task[]> {
    const answer = await this.#call({ method: "GET", path: "/api/v2/todo" });
    return (answer as { todos: Task[] }).todos;
  }

  /**
   * Adds a task once, even if the answer is lost: it looks for the task before it tries again. The API has no key to
   * tell a repeated call from a second one, so only the ids from before can.
   */
  async createTask(draft: Draft): Promise<Task> {
    const before = new Set((await this.listTasks()).map((task) => task.id));
    return retrying(this.#policy, async (attempt) => {
      const made = attempt === 1 ? undefined : await this.#findNew(draft, before);
      return made ?? this.#postTask(draft);
    });
  }

  async #findNew(draft: Draft, before: Set<string>): Promise<Task | undefined> {
    const tasks = await this.listTasks();
    return tasks.find((task) => !before.has(task.id) && task.title === draft.title);
  }

  async #postTask(draft: Draft): Promise<Task> {
    const answer = await this.#sendSignedIn({ method: "POST", path: "/api/v2/todo", body: draft });
    return (answer as { todo: Task }).todo;
  }

  #call(call: Call): Promise<unknown> {
    return retrying(this.#policy, () => this.#sendSignedIn(call));
  }

  async #sendSignedIn(call: Call): Promise<unknown> {
    const session = this.#connection.session;
    try {
      return await this.#connection.send(call);
    } catch (error) {
      if (!isSignedOut(error) || this.#credentials === undefined) throw error;
      if (this.#connection.session === session) await this.#signInAgain(this.#credentials);
      return this.#connection.send(call);
    }
  }

  /** Calls that find the session over at the same time share one sign-in. */
  #signInAgain(credentials: Credentials): Promise<void> {
    this.#signingIn ??= this.signIn(credentials).finally(() => (this.#signingIn = undefined));
    return this.#signingIn;
  }
}

function isSignedOut(error: unknown): boolean {
  return error instanceof FlowtaskError && error.status === 401;
}
