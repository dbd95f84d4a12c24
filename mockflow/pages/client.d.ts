/// <reference lib="esnext.disposable" />
// The types of client.js, mockflow's handle for JavaScript tests. `mockflow client-js FOLDER` writes both anew.

/** The operations of the Flowtask API. */
export type Operation =
  | "requestSignUpCode" | "completeSignUp" | "signIn" | "checkAuth" | "signOut" | "getProfile" | "updateProfile"
  | "updateName" | "updatePassword" | "getPreferences" | "updatePreferences" | "listTasks" | "createTask"
  | "updateTask" | "deleteTask" | "searchTasks" | "updateTasks" | "deleteTasks" | "listProjects" | "getInbox"
  | "listPersonalProjects" | "createProject" | "getProject" | "updateProject" | "deleteProject" | "listSections"
  | "createSection" | "updateSection" | "deleteSection" | "listTags" | "createTag" | "updateTag" | "countTags"
  | "deleteTags";

/** Ready-made troubles. */
export type PresetName =
  | "expired-session" | "rate-limited" | "outage" | "flaky" | "slow" | "flaky-network" | "lost-responses";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** The keys of the flat grammar of faults, in camelCase. Without `operation`, `method`, `path`, `user` it is for all. */
export interface FaultRule {
  id?: string | undefined;
  operation?: Operation | undefined;
  method?: Method | undefined;
  /** A pattern: `*` is any part of a segment, `**` any number of segments. */
  path?: string | undefined;
  /** The e-mail address of who is signed in. */
  user?: string | undefined;
  /** 400 to 599. */
  status?: number | undefined;
  message?: string | undefined;
  /** Seconds, with `status`. */
  retryAfter?: number | undefined;
  contentType?: string | undefined;
  /** The body of an answer with `status`: text, or what becomes JSON. */
  content?: unknown;
  disconnect?: "reset" | "empty" | "truncate" | "garbage" | undefined;
  /** Seconds until the connection closes without an answer. */
  hang?: number | undefined;
  malformed?: true | undefined;
  expireSession?: true | undefined;
  /** Milliseconds. */
  latency?: number | undefined;
  /** Milliseconds. */
  jitter?: number | undefined;
  distribution?: "uniform" | "lognormal" | undefined;
  bytesPerSecond?: number | undefined;
  /** How many requests pass before the first that is hit. */
  skip?: number | undefined;
  /** How many are hit. */
  times?: number | undefined;
  /** More than 0, at most 1. */
  probability?: number | undefined;
  /** `after`: carried out first, then the answer is replaced or lost. */
  phase?: "before" | "after" | undefined;
  /** Seconds of the sandbox's clock. */
  expiresAfter?: number | undefined;
}

/** What a request has to be: `query` and `headers` are some of its own, `body` is a part of its JSON. */
export interface Match {
  operation?: Operation | undefined;
  method?: string | undefined;
  /** A pattern: `*` is any part of a segment, `**` any number of segments. */
  path?: string | undefined;
  status?: number | undefined;
  query?: Record<string, string | readonly string[]> | undefined;
  headers?: Record<string, string> | undefined;
  body?: unknown;
}

/** What requests have to be, and how many: `count`, or bounds; at least one where nothing is said. */
export type Expected = Match &
  (
    | { count?: number | undefined; atLeast?: never; atMost?: never }
    | { count?: never; atLeast?: number | undefined; atMost?: number | undefined }
  );

export interface Filter {
  operation?: Operation | undefined;
  method?: string | undefined;
  path?: string | undefined;
  status?: number | undefined;
  /** Somewhere in path, query or bodies, in any letter case. */
  text?: string | undefined;
  /** A request's id, or a moment. */
  since?: string | Date | undefined;
  /** The newest so many. */
  limit?: number | undefined;
}

/** Headers and body of what was sent, or of what was answered. */
export interface Part {
  headers: Record<string, string>;
  /** JSON where it is that, else text, else null. */
  body: any;
  bodySize: number;
  /** Whether the journal has only the beginning of the body. */
  bodyCut: boolean;
}

/** A request in the journal, but for what was sent and answered. */
export interface RequestSummary {
  id: string;
  /** By the sandbox's clock, ISO 8601 in UTC. */
  time: string;
  /** Real time from the beginning of the sandbox to this request: what a client really waited. */
  elapsedMs: number;
  method: string;
  path: string;
  /** As it was sent, without the `?`. */
  query: string;
  operation: Operation | null;
  /** The e-mail address of who was signed in. */
  user: string | null;
  /** Null where the client got none. */
  status: number | null;
  /** Null while the answer is held back. */
  durationMs: number | null;
  /** The id of the rule that hit. */
  fault: string | null;
  /** Why the client got no ordinary answer. */
  error: string | null;
}

export interface Request extends RequestSummary {
  request: Part;
  response: Part;
}

/** How one thing that was asked compares with a request. */
export interface Compared {
  field: string;
  ok: boolean;
  expected: unknown;
  actual: unknown;
  missing?: boolean;
  note?: string;
}

export interface Verdict {
  ok: boolean;
  /** How many requests match. */
  count: number;
  message: string;
  closest: (RequestSummary & { fields: Compared[] })[];
  /** How many older requests the journal has lost. */
  evicted: number;
}

export interface Message {
  id: string;
  to: string;
  kind: string;
  subject: string;
  text: string;
  code?: string;
  sentAt: string;
}

export interface Account {
  email: string;
  /** Null for an account that has a `provider` instead. */
  password: string | null;
  name: string;
  provider: string | null;
  /** What it is for. */
  for: string;
}

/** A rule in force: `await using`, or `remove()` in the end. */
export interface Fault extends AsyncDisposable {
  readonly id: string;
  /** How often it fired; once it is removed, until then. */
  hits(): Promise<number>;
  /** Takes it out of force. It may be called again. */
  remove(): Promise<void>;
}

/** The rules of a preset in force: `await using`, or `remove()` in the end. */
export interface Preset extends AsyncDisposable {
  readonly name: PresetName;
  readonly faults: readonly Fault[];
  /** How often its rules fired, all together. */
  hits(): Promise<number>;
  remove(): Promise<void>;
}

/** The clock of a sandbox. A moment is ISO 8601 text, such as `2030-01-31T09:00:00Z` or `2030-01-31`, or a `Date`. */
export interface Clock {
  /** What it says, ISO 8601 in UTC. */
  now(): Promise<string>;
  /** Stops it at a moment. */
  freeze(at: string | Date): Promise<void>;
  /** Lets it jump to a moment. */
  set(to: string | Date): Promise<void>;
  /** Moves it on: seconds, or a duration such as `90s`, `24h`, `1d` or `PT5M`. */
  advance(by: number | string): Promise<void>;
  /** Back to real time. */
  real(): Promise<void>;
}

/** The messages that Flowtask would have mailed. */
export interface Outbox {
  /** Oldest first. */
  messages(filter?: { to?: string | undefined; kind?: string | undefined }): Promise<Message[]>;
  /** The newest one-time code that was sent to an address. Throws `AssertionError` where there is none. */
  codeFor(email: string): Promise<string>;
}

/** One sandbox of a running server. Every method throws `MockflowError`, in the server's own words, where it refuses. */
export interface Mockflow {
  /** The base URL for the client under test, without `/api`. */
  readonly url: string;
  readonly clock: Clock;
  readonly outbox: Outbox;
  /** A sandbox of its own, in the state the server started with; `label` says what it is for, where they are listed. */
  sandbox(options?: { label?: string | undefined }): Promise<Sandbox>;
  /** A session of an account, without its password: the value of the header `Cookie`. */
  signIn(email: string): Promise<string>;
  /** Puts a fault rule in force. */
  fault(rule: FaultRule): Promise<Fault>;
  /** Puts a ready-made trouble in force. */
  preset(name: PresetName): Promise<Preset>;
  /** The requests that match, oldest first. */
  requests(filter?: Filter): Promise<Request[]>;
  /** Whether so many requests match, how many do, and which come closest. */
  verify(expected?: Expected): Promise<Verdict>;
  /** Throws `AssertionError`, which shows the closest requests, unless so many match; at least one, if not said. */
  assertCalled(expected?: Expected): Promise<void>;
  /** Throws `AssertionError` where a request matches. */
  assertNotCalled(match?: Match): Promise<void>;
  /** Forgets the requests that have come so far. */
  forget(): Promise<void>;
  /** The last requests as text, to print. */
  recent(count?: number): Promise<string>;
  /** The accounts that the seeds have made. */
  accounts(): Promise<Account[]>;
  /** The state in comparable form: sorted texts, without ids. */
  rows(): Promise<string[]>;
  /** Keeps data, sessions, outbox, clock and faults under a name. */
  snapshot(name: string): Promise<void>;
  /** Goes back to a snapshot; the journal of requests goes on. */
  restore(name: string): Promise<void>;
  /** Goes back to the start state, or to another: a shipped seed set, a seed, a moment to freeze the clock at. */
  reset(start?: {
    seeds?: string | undefined;
    seed?: number | undefined;
    clock?: string | Date | undefined;
  }): Promise<void>;
  /** Any other call of the control API: the answer's JSON. */
  call<Answer = unknown>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Answer>;
}

/** A sandbox of one's own: `await using`, or `close()` in the end. */
export interface Sandbox extends Mockflow, AsyncDisposable {
  /** Its data and sessions are gone. It may be called again. */
  close(): Promise<void>;
}

/** The server refused a call, or there is none. */
export class MockflowError extends Error {
  /** The answer's status; 0 where no answer came. */
  readonly status: number;
  /** What the answer says of single fields. */
  readonly errors: readonly { path: (string | number)[]; message: string; code: string }[];
}

/** What was to be sent was not, or the other way round. */
export class AssertionError extends Error {}

export interface ConnectOptions {
  /** The server's base URL, with or without a sandbox. Left out: MOCKFLOW_URL; in a browser, where the page is from. */
  url?: string | undefined;
  /** One of its sandboxes, which is made where it is not there. */
  sandbox?: string | undefined;
  /** Of `--control-token`. Left out: MOCKFLOW_CONTROL_TOKEN. */
  token?: string | undefined;
}

/** A running server. Throws `MockflowError` where there is none. */
export function connect(options?: ConnectOptions): Promise<Mockflow>;
