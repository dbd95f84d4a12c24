// What the panels show, in one place. `update` changes it; `useStore` makes a component follow a part of it.

import { useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";

export const MOST_REQUESTS = 1000; // as many as the server's journal keeps

let state = {
  info: null, // as `GET info` answers
  clock: null, // {now, mode, at}: what the sandbox's clock said, and when (performance.now) it did
  connection: { state: "connecting", detail: "" },
  token: null, // {refused, answer}: somebody waits for the person to give a token
  confirmation: null, // {title, text, action, answer}
  requests: [], // summaries, newest first
  evicted: 0,
  paused: false,
  waiting: [], // those that came while paused
  panel: "requests", // this one, `opened` and `filter` are in the address: route.js changes them
  opened: null, // the id of the request that is shown
  filter: { text: "", status: "" }, // of the list of requests
  findings: new Map(), // what the coach says, by the id of a request
  faults: null,
  presets: null,
  messages: null, // newest first
  announced: "", // for those who hear the page
  writes: 0, // counts what may have changed the data
  counted: null, // how many records it had when last seen, as JSON
};
const followers = new Set();

export const read = () => state;

/** Take over the keys of `changes`, an object or a function from the state to one. */
export function update(changes) {
  const changed = typeof changes === "function" ? changes(state) : changes;
  state = { ...state, ...changed };
  for (const follow of [...followers]) follow();
}

/** What `select` finds in the state; the component is drawn again when that is another thing. */
export function useStore(select) {
  const [, redraw] = useState(0);
  const last = useRef();
  last.current = { select, found: select(state) };
  useLayoutEffect(() => {
    const follow = () => {
      if (!Object.is(last.current.select(state), last.current.found)) redraw((count) => count + 1);
    };
    followers.add(follow);
    follow();
    return () => followers.delete(follow);
  }, []);
  return last.current.found;
}
