// Live events: keeps a stream open, tells its state, and asks for everything anew after an interruption.

import { call, listen, SANDBOX, SERVER } from "./api.js";
import { dataChanged, faultFired, messageCame, refresh, requestCame, wasReset } from "./actions.js";
import { update } from "./store.js";

const SHORTEST_MS = 500;
const LONGEST_MS = 10_000;

const HANDLERS = {
  request: requestCame,
  fault: faultFired,
  message: messageCame,
  reset: wasReset,
};

let wake = () => {};

/** Connect at once, where it waits to do so. */
export function connectNow() {
  wake();
}

/** Listen for ever. */
export async function follow() {
  let pause = SHORTEST_MS;
  for (let first = true; ; first = false) {
    if (!first && !(await isThere())) await untilWanted("gone", "This sandbox is gone");
    const reason = await once(() => (pause = SHORTEST_MS));
    if (reason.status === 401) await untilWanted("refused", reason.message);
    else await untilWanted("waiting", reason.message, pause);
    pause = Math.min(pause * 2, LONGEST_MS);
  }
}

async function once(connected) {
  update({ connection: { state: "connecting", detail: "" } });
  try {
    await listen("events", (kind, data) => HANDLERS[kind]?.(data), () => {
      connected();
      update({ connection: { state: "live", detail: "" } });
      refresh();
      dataChanged();
    });
    return { message: "The stream ended." };
  } catch (error) {
    return error;
  }
}

/**
 * Whether this sandbox is there. To ask it would make it, so another one is asked; that also sends it away where its
 * time is over.
 */
export async function isThere() {
  if (SANDBOX === "default") return true;
  try {
    const { sandboxes } = await call("GET", "_mockflow/sandboxes", undefined, { base: SERVER });
    return sandboxes.some((one) => one.name === SANDBOX);
  } catch {
    return true; // nobody answers: so will the stream, and say why
  }
}

/** Wait so long, or until somebody asks for a connection; without a time, only for that. */
function untilWanted(state, detail, milliseconds) {
  update({ connection: { state, detail } });
  return new Promise((go) => {
    const timer = milliseconds === undefined ? null : setTimeout(() => wake(), milliseconds);
    wake = () => {
      clearTimeout(timer);
      wake = () => {};
      go();
    };
  });
}
