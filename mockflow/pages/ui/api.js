// The one place that calls the server. Everything is relative to this file, so that the console under
// `/s/<name>/` is about that sandbox.

import { read, update } from "./store.js";

export const CONTROL = new URL("../", import.meta.url);
export const API = new URL("../", CONTROL); // what a client takes as its base URL, with a slash behind
export const BASE = API.href.replace(/\/$/, "");
export const SERVER = new URL(API.pathname.replace(/(?<=\/)s\/[^/]+\/$/, ""), API); // of the sandbox `default`
export const SANDBOX = /\/s\/([^/]+)\/$/.exec(API.pathname)?.[1] ?? "default";

const TOKEN = "mockflow-token"; // the API page keeps it under the same name
const SILENCE_MS = 40_000; // a stream shows a sign of life every 15 seconds

/** A call that was answered with an error: `message` in the server's words, `offences` [{path, message}], `status`. */
export class Refused extends Error {
  constructor(message, status = 0, offences = []) {
    super(message);
    this.status = status;
    this.offences = offences;
  }
}

/**
 * The JSON that a call of the control API answers. Throws `Refused`.
 *
 * `cookies: false` keeps cookies out of it, those of the answer included; `base` is another sandbox's.
 */
export async function call(method, path, body, { cookies = true, base = CONTROL, signal } = {}) {
  if (base === CONTROL && read().connection.state === "gone") throw new Refused("This sandbox is gone."); // it would be made
  const options = { method, signal, credentials: cookies ? "same-origin" : "omit", headers: {} };
  if (method !== "GET") options.headers["Content-Type"] = "application/json";
  if (body !== undefined) options.body = JSON.stringify(body);
  const answer = await allowed(new URL(path, base), options);
  return answer.json();
}

/** Give each server-sent event to `tell(kind, data)` until the stream ends. Throws `Refused`. */
export async function listen(path, tell, begun) {
  const hangUp = new AbortController();
  const answer = await allowed(new URL(path, CONTROL), { headers: {}, signal: hangUp.signal });
  begun();
  const chunks = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let text = "";
    for (;;) {
      const { done, value } = await inTime(chunks.read());
      if (done) return;
      const events = (text + value).split("\n\n");
      text = events.pop();
      events.forEach((event) => dispatch(event, tell));
    }
  } catch (error) {
    throw error instanceof Refused ? error : new Refused("The connection was lost.");
  } finally {
    hangUp.abort();
  }
}

function dispatch(event, tell) {
  // No regular expression: to `.` and `$`, a line ends at U+2028 too, which a title can have.
  const lines = event.split("\n");
  const valueOf = (key) => lines.find((line) => line.startsWith(key))?.slice(key.length);
  const data = valueOf("data: ");
  if (data !== undefined) tell(valueOf("event: "), JSON.parse(data));
}

function inTime(promise) {
  let timer;
  const late = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new Refused("The server fell silent.")), SILENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Where the server wants a token, the person is asked for it, once for all calls that wait.
async function allowed(url, options) {
  for (;;) {
    const used = sessionStorage.getItem(TOKEN);
    if (used !== null) options.headers.Authorization = `Bearer ${sendable(used)}`;
    const answer = await sent(url, options);
    if (answer.ok) return answer;
    const refused = await refusal(answer);
    if (answer.status !== 401) throw refused;
    const another = sessionStorage.getItem(TOKEN) !== used;
    if (!another && !(await askForToken(used === null ? null : refused.message))) throw refused;
  }
}

// A header takes no other letters, and to be told that the token is wrong it has to be sent.
const sendable = (token) => token.replace(/[^\x20-\x7e\xa0-\xff]/g, "?");

async function sent(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new Refused("The server does not answer.");
  }
}

async function refusal(answer) {
  const content = await answer.json().catch(() => ({}));
  return new Refused(content.message ?? `The server answered ${answer.status}.`, answer.status, content.errors);
}

let asked = null;

function askForToken(refused) {
  asked ??= new Promise((answer) => update({ token: { refused, answer } })).then((token) => {
    asked = null;
    update({ token: null });
    if (token !== null) sessionStorage.setItem(TOKEN, token);
    return token !== null;
  });
  return asked;
}
