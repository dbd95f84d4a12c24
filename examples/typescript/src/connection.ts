import { FlowtaskError, NoAnswer } from "./errors.ts";

const SESSION = /^connect\.sid=([^;]*)/;

export interface Call {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  body?: object;
}

/** Sends one call at a time, and keeps the session's cookie, which `fetch` in Node does not. */
export class Connection {
  readonly #baseUrl: string;
  readonly #timeoutMs: number;
  #session: string | undefined;

  constructor(baseUrl: string, timeoutMs: number) {
    this.#baseUrl = baseUrl;
    this.#timeoutMs = timeoutMs;
  }

  /** Which session calls are sent with: another one after each sign-in. */
  get session(): string | undefined {
    return this.#session;
  }

  /** The answer's JSON. Throws `FlowtaskError` for a status of 400 or more, `NoAnswer` when none came whole. */
  async send(call: Call): Promise<unknown> {
    const { response, body } = await this.#exchange(call);
    this.#keepSession(response);
    if (!response.ok) throw refusal(response, body);
    return body;
  }

  // The body is read in here too: an answer that breaks off, or is no JSON, is as lost as one that never came.
  async #exchange(call: Call): Promise<{ response: Response; body: unknown }> {
    try {
      const response = await fetch(this.#baseUrl + call.path, this.#init(call));
      return { response, body: await response.json() };
    } catch (cause) {
      throw new NoAnswer(`No answer to ${call.method} ${call.path}`, { cause });
    }
  }

  #init(call: Call): RequestInit {
    const headers = new Headers();
    if (this.#session) headers.set("Cookie", `connect.sid=${this.#session}`);
    if (call.body === undefined) return { method: call.method, headers, signal: this.#timeout() };
    headers.set("Content-Type", "application/json");
    return { method: call.method, headers, signal: this.#timeout(), body: JSON.stringify(call.body) };
  }

  #timeout(): AbortSignal {
    return AbortSignal.timeout(this.#timeoutMs);
  }

  #keepSession(response: Response): void {
    for (const header of response.headers.getSetCookie()) {
      const value = SESSION.exec(header)?.[1];
      if (value !== undefined) this.#session = value;
    }
  }
}

function refusal(response: Response, body: unknown): FlowtaskError {
  const { message } = body as { message: string };
  return new FlowtaskError(response.status, message, retryAfter(response));
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isNaN(seconds) ? undefined : seconds;
}
