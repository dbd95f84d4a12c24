// The live list of requests, and one of them beside it.

import { html, useEffect, useMemo, useRef, useState } from "../vendor/htm-preact.js";
import { SANDBOX } from "../api.js";
import { clearRequests, holding, loadFindings, pause, quietly, resume } from "../actions.js";
import { afterAsking, Failure, Field, useCall, useSettled } from "../parts.js";
import { go } from "../route.js";
import { useStore } from "../store.js";
import { Detail } from "./detail.js";
import { Har } from "./har.js";
import { Nothing, Table } from "./requestlist.js";

const STATUSES = [
  ["", "Any status"], ["2", "2xx"], ["3", "3xx"], ["4", "4xx"], ["5", "5xx"], ["none", "No answer"], ["fault", "Faulted"],
  ["coach", "Coach’s marks"],
];

export function Requests() {
  const requests = useStore((state) => state.requests);
  const opened = useStore((state) => state.opened);
  const found = useFound(requests);
  const list = useRef();
  useSettled(async () => requests.length > 0 && quietly(loadFindings), [requests[0]?.id, requests.length], 20); // the coach looks at the whole journal
  const close = () => {
    go({ opened: null });
    requestAnimationFrame(() => (list.current?.querySelector(`[data-id="${opened}"]`) ?? list.current)?.focus());
  };
  return html`<div class=${opened ? "split open" : "split"}>
    <section class="list" ref=${list} tabindex="-1" aria-label="Requests, newest first">
      <${Toolbar} found=${found.length} all=${requests.length} />
      ${requests.length === 0 ? html`<${Nothing} />` : html`<${Table} requests=${found} opened=${opened} />`}
    </section>
    ${opened && html`<${Detail} key=${opened} id=${opened} onClose=${close} />`}
  </div>`;
}

const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

// What passes the filter: each word is in the line, or, as the server knows, in a body.
function useFound(requests) {
  const filter = useStore((state) => state.filter);
  const findings = useStore((state) => state.findings);
  const [held, setHeld] = useState(new Map());
  useSettled(() => quietly(async () => {
    const words = wordsOf(filter.text);
    const sets = await Promise.all(words.map(holding));
    setHeld(new Map(words.map((word, at) => [word, sets[at]])));
  }), [filter.text, requests[0]?.id, requests.length]);
  return useMemo(() => requests.filter((one) => passes(one, filter, held, findings)), [requests, filter, held, findings]);
}

function passes(one, { text, status }, held, findings) {
  if (status === "none" && one.status !== null) return false;
  if (status === "fault" && one.fault === null) return false;
  if (status === "coach" && !findings.has(one.id)) return false;
  if (/^\d$/.test(status) && String(one.status)[0] !== status) return false;
  const query = one.query && `?${one.query}`;
  const line = `${one.method} ${one.path}${query} ${one.status} ${one.operation} ${one.user} ${one.fault}`.toLowerCase();
  return wordsOf(text).every((word) => line.includes(word) || held.get(word)?.has(one.id));
}

// Heads of lists stay below the toolbar, which is as high as its lines need.
function useHeightAs(name) {
  const element = useRef();
  useEffect(() => {
    const { style } = document.documentElement;
    const observer = new ResizeObserver(() => style.setProperty(name, `${element.current.offsetHeight}px`));
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      style.removeProperty(name);
    };
  }, []);
  return element;
}

function Toolbar({ found, all }) {
  const filter = useStore((state) => state.filter);
  const paused = useStore((state) => state.paused);
  const waiting = useStore((state) => state.waiting.length);
  const evicted = useStore((state) => state.evicted);
  const { error, run } = useCall();
  const onFilter = (changes) => go({ filter: { ...filter, ...changes } }, { instead: true });
  const question = ["Clear the requests?", "The journal of this sandbox is emptied, here and for whoever else reads it.", "Clear"];
  const clear = () => afterAsking(question, run, clearRequests);
  const filtered = filter.text !== "" || filter.status !== "";
  return html`<div class="toolbar stays" ref=${useHeightAs("--toolbar")}>
      <${Field} id="filter" label="Filter" type="search" placeholder="path, user, body" value=${filter.text}
        onValue=${(text) => onFilter({ text })} />
      <${Field} id="status" label="Status" options=${STATUSES} value=${filter.status} onValue=${(status) => onFilter({ status })} />
      <div class="buttons">
        <button type="button" aria-pressed=${String(paused)} onClick=${paused ? resume : pause}>
          ${paused ? `Paused, ${waiting} new` : "Pause"}</button>
        <button type="button" onClick=${clear}>Clear</button>
        ${all > 0 && html`<${Har} />`}
      </div>
      <p class="tally">${filtered && `${count(found)} of `}${count(all)} kept in sandbox <strong>${SANDBOX}</strong>${evicted > 0 && `, ${count(evicted)} older gone`}</p>
      <${Failure} of=${error} />
    </div>`;
}

const count = (number) => number.toLocaleString("en-US");
