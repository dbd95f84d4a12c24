/** Drives a mockflow server from a test: copy this file into your client's tests. */

export interface Fault {
  match?: { operation?: string; method?: string; path?: string; user?: string };
  effect: Record<string, unknown>;
  times?: number;
  phase?: "before" | "after";
  expiresAfter?: number;
}

/** A fake Flowtask of one's own, with its own data, clock, faults and outbox. */
export class Sandbox {
  /** What a client takes as its base URL. */
  readonly url: string;
  readonly #name: string;

  private constructor(name: string, url: string) {
    this.#name = name;
    this.url = url;
  }

  /** `label` says what it is for: `mockflow torture` then names the test. */
  static async open(label?: string): Promise<Sandbox> {
    const server = serverUrl();
    // A test run that is killed closes nothing; the time to live does it then.
    const { name, path } = await control<{ name: string; path: string }>(server, "POST", "sandboxes", { ttlSeconds: 600, label });
    return new Sandbox(name, new URL(path.replace(/\/$/, ""), server).href);
  }

  async close(): Promise<void> {
    await this.#control("DELETE", `sandboxes/${this.#name}`);
  }

  /** Puts a fault rule into force. */
  async fault(rule: Fault): Promise<void> {
    await this.#control("POST", "faults", rule);
  }

  async faultPreset(name: string): Promise<void> {
    await this.#control("POST", `faults/presets/${name}`);
  }

  /** Moves the clock forward. */
  async advance(seconds: number): Promise<void> {
    await this.#control("PUT", "clock", { advance: seconds });
  }

  /** The latest one-time code that was "mailed" to this address. */
  async codeFor(email: string): Promise<string> {
    const path = `outbox?kind=sign-up-code&to=${encodeURIComponent(email)}`;
    const { messages } = await this.#control<{ messages: { code: string }[] }>("GET", path);
    const latest = messages.at(-1);
    if (latest === undefined) throw new Error(`No code was mailed to ${email}`);
    return latest.code;
  }

  /** Ends all sessions; gives how many there were. */
  async endSessions(): Promise<number> {
    const { ended } = await this.#control<{ ended: number }>("DELETE", "sessions");
    return ended;
  }

  #control<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return control<Answer>(this.url, method, path, body);
  }
}

function serverUrl(): string {
  const url = process.env["MOCKFLOW_URL"];
  if (url === undefined) throw new Error("MOCKFLOW_URL is not set. Run the tests with: mockflow exec -- npm test");
  return url;
}

async function control<Answer>(url: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${url}/_mockflow/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`mockflow: ${method} ${path}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
