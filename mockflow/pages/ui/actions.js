// What changes the store: answers of the control API, and live events.

import { call, Refused } from "./api.js";
import { go } from "./route.js";
import { MOST_REQUESTS, read, update } from "./store.js";

const GATHER_MS = 120; // events of so long are drawn together
const UNFINISHED_MS = 1000;

/** All lists that are kept, from the server. Errors are told by the connection's state. */
export async function refresh() {
  await Promise.all([loadInfo, loadRequests, loadFaults, loadMessages].map(quietly));
}

/** For what nobody waits for: the connection's state tells of what is wrong. */
export async function quietly(load) {
  try {
    await load();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

/** See whether something has changed without an event. */
export const lookAgain = () => quietly(loadInfo);

export async function loadInfo() {
  const info = await call("GET", "info");
  keepClock(info.clock);
  const before = read();
  update({ info });
  const counted = JSON.stringify(info.counts);
  if (before.counted !== counted) dataChanged(counted);
  if (before.faults !== null && before.faults.length !== info.faults) await loadFaults();
}

export function keepClock(clock) {
  update({ clock: { ...clock, now: Date.parse(clock.now), at: performance.now() } });
}

/** What the sandbox's clock says now, in milliseconds since 1970. */
export function clockNow({ now, at, mode }) {
  return mode === "frozen" ? now : now + performance.now() - at;
}

export async function loadRequests() {
  const meanwhile = [];
  recorders.add(meanwhile);
  try {
    const { requests, evicted } = await call("GET", "requests");
    const loaded = requests.reverse().map(summary);
    const listed = [...missingIn(loaded, meanwhile.reverse()), ...loaded];
    arrived = [];
    update(({ paused, requests: old }) => ({
      ...(paused ? { waiting: missingIn(old, listed) } : { requests: listed, waiting: [] }),
      evicted,
    }));
    if (listed.some((one) => one.durationMs === null)) followUnfinished();
  } finally {
    recorders.delete(meanwhile);
  }
}

function missingIn(list, entries) {
  const known = new Set(list.map((one) => one.id));
  return entries.filter((one) => !known.has(one.id));
}

/** Forget the requests, on the server and here. */
export async function clearRequests() {
  await call("DELETE", "requests");
  forgetRequests();
  await loadRequests();
}

function forgetRequests() {
  arrived = [];
  update({ requests: [], waiting: [], findings: new Map() });
  go({ opened: null }, { instead: true });
}

const summary = ({ request, response, ...rest }) => rest;

/** What the coach says of the requests. */
export async function loadFindings() {
  const { findings } = await call("GET", "requests/findings");
  const byRequest = new Map();
  for (const finding of findings) {
    for (const id of finding.requests) byRequest.set(id, [...(byRequest.get(id) ?? []), finding]);
  }
  update({ findings: byRequest });
}

/** The ids of the requests that hold a text somewhere in path, query or bodies. */
export async function holding(text) {
  const { requests } = await call("GET", `requests?${new URLSearchParams({ text })}`);
  return new Set(requests.map((one) => one.id));
}

export async function loadFaults() {
  const { faults } = await call("GET", "faults");
  update({ faults });
}

export async function loadPresets() {
  const { presets } = await call("GET", "faults/presets");
  update({ presets });
}

export async function loadMessages() {
  const { messages } = await call("GET", "outbox");
  update({ messages: messages.reverse() });
}

// --- events

let arrived = [];
let timer = null;
const recorders = new Set(); // of what comes while the list is being loaded

/** A request was journaled. */
export function requestCame(entry) {
  arrived.push(entry);
  recorders.forEach((recorder) => recorder.push(entry));
  timer ??= setTimeout(takeIn, GATHER_MS);
  if (!["GET", "HEAD", "OPTIONS"].includes(entry.method)) dataChanged();
}

function takeIn() {
  timer = null;
  const all = arrived.reverse();
  arrived = [];
  const came = missingIn([...read().waiting, ...read().requests], all);
  update(({ paused, requests, waiting, evicted }) => {
    const kept = [...came, ...(paused ? waiting : requests)].slice(0, MOST_REQUESTS);
    const over = came.length + requests.length + waiting.length - MOST_REQUESTS; // the server lets as many go
    return { [paused ? "waiting" : "requests"]: kept, evicted: evicted + Math.min(came.length, Math.max(0, over)) };
  });
  if (came.some((one) => one.durationMs === null)) followUnfinished();
}

export function pause() {
  update({ paused: true });
}

export function resume() {
  update(({ requests, waiting }) => ({
    paused: false,
    requests: [...waiting, ...requests].slice(0, MOST_REQUESTS),
    waiting: [],
  }));
}

// There is no event for the end of a request whose answer was held back.
let watching = null;

function followUnfinished() {
  watching ??= setTimeout(async () => {
    const { requests, waiting } = read();
    const unfinished = [...waiting, ...requests].filter((one) => one.durationMs === null).slice(0, 20);
    const found = await Promise.all(unfinished.map((one) => entryOrNone(one.id)));
    const news = new Map(unfinished.map((one, at) => [one.id, found[at] ?? { ...one, durationMs: undefined }]));
    const renewed = (list) => list.map((one) => news.get(one.id) ?? one);
    update((now) => ({ requests: renewed(now.requests), waiting: renewed(now.waiting) }));
    watching = null;
    if (found.some((one) => one?.durationMs === null)) followUnfinished();
  }, UNFINISHED_MS);
}

async function entryOrNone(id) {
  try {
    return summary(await call("GET", `requests/${id}`));
  } catch {
    return null;
  }
}

/** The sandbox is back at its start. */
export function wasReset() {
  forgetRequests();
  refresh();
  dataChanged();
}

/** A rule fired. */
export function faultFired({ fault, hits }) {
  update(({ faults }) => ({ faults: faults?.map((one) => (one.id === fault ? { ...one, hits } : one)) ?? null }));
}

/** A message is in the outbox. */
export function messageCame(message) {
  update(({ messages }) => ({
    messages: [message, ...(messages ?? []).filter((one) => one.id !== message.id)],
  }));
}

/** The data may be another; `counted` is how many records it has, where that is known. */
export function dataChanged(counted = null) {
  update(({ writes }) => ({ writes: writes + 1, counted }));
}

/** Say something to those who hear the page; the same may be said again. */
export function announce(text) {
  update({ announced: "" });
  requestAnimationFrame(() => update({ announced: text }));
}

/** Ask the person; true where they want it. */
export function confirmed(title, text, action) {
  return new Promise((answer) => update({ confirmation: { title, text, action, answer } })).finally(() =>
    update({ confirmation: null }),
  );
}
