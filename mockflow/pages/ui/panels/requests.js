// The live list of requests, and one of them beside it.

import { html, useMemo, useRef } from "../vendor/htm-preact.js";
import { SANDBOX } from "../api.js";
import { clearRequests, pause, resume } from "../actions.js";
import { afterAsking, Failure, Field, useCall, useKept, useMore } from "../parts.js";
import { update, useStore } from "../store.js";
import { plain, Text, TimeOf } from "../text.js";
import { Detail } from "./detail.js";

const STEP = 100;
const STATUSES = [
  ["", "Any status"], ["2", "2xx"], ["3", "3xx"], ["4", "4xx"], ["5", "5xx"], ["none", "No answer"], ["fault", "Faulted"],
];

export function Requests() {
  const requests = useStore((state) => state.requests);
  const opened = useStore((state) => state.opened);
  const [filter, setFilter] = useKept("filter", { text: "", status: "" });
  const found = useMemo(() => requests.filter((one) => passes(one, filter)), [requests, filter]);
  const list = useRef();
  const close = () => {
    update({ opened: null });
    requestAnimationFrame(() => (list.current?.querySelector(`[data-id="${opened}"]`) ?? list.current)?.focus());
  };
  return html`<div class=${opened ? "split open" : "split"}>
    <section class="list" ref=${list} tabindex="-1" aria-label="Requests, newest first">
      <${Toolbar} filter=${filter} onFilter=${setFilter} found=${found.length} all=${requests.length} />
      ${requests.length === 0 ? html`<${Nothing} />` : html`<${Table} requests=${found} opened=${opened} />`}
    </section>
    ${opened && html`<${Detail} key=${opened} id=${opened} onClose=${close} />`}
  </div>`;
}

function passes(one, { text, status }) {
  if (status === "none" ? one.status !== null : status === "fault" ? one.fault === null : false) return false;
  if (/^\d$/.test(status) && String(one.status)[0] !== status) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const query = one.query && `?${one.query}`;
  const all = `${one.method} ${one.path}${query} ${one.status} ${one.operation} ${one.user} ${one.fault}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

function Toolbar({ filter, onFilter, found, all }) {
  const paused = useStore((state) => state.paused);
  const waiting = useStore((state) => state.waiting.length);
  const evicted = useStore((state) => state.evicted);
  const { error, run } = useCall();
  const question = ["Clear the requests?", "The journal of this sandbox is emptied, here and for whoever else reads it.", "Clear"];
  const clear = () => afterAsking(question, run, clearRequests);
  const filtered = filter.text !== "" || filter.status !== "";
  return html`<div class="toolbar">
      <${Field} id="filter" label="Filter" type="search" placeholder="method, path, user, fault" value=${filter.text}
        onValue=${(text) => onFilter({ ...filter, text })} />
      <${Field} id="status" label="Status" options=${STATUSES} value=${filter.status}
        onValue=${(status) => onFilter({ ...filter, status })} />
      <div class="buttons">
        <button type="button" aria-pressed=${String(paused)} onClick=${paused ? resume : pause}>
          ${paused ? `Paused, ${waiting} new` : "Pause"}</button>
        <button type="button" onClick=${clear}>Clear</button>
      </div>
      <p class="tally">${filtered && `${count(found)} of `}${count(all)} kept in sandbox <strong>${SANDBOX}</strong>${evicted > 0 && `, ${count(evicted)} older gone`}</p>
    </div>
    <${Failure} of=${error} />`;
}

const count = (number) => number.toLocaleString("en-US");

function Nothing() {
  return html`<div class="nothing"><p>No requests yet.</p>
    <p>Give your client the base URL <code>${new URL("../../", location.href).href.replace(/\/$/, "")}</code>; what it sends appears here.</p></div>`;
}

function Table({ requests, opened }) {
  const [some, more] = useMore(requests, STEP);
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.dataset.id) return;
    event.preventDefault();
    const rows = [...event.currentTarget.querySelectorAll("[data-id]")];
    rows[rows.indexOf(event.target) + step]?.focus();
  };
  return html`<table class="requests" onKeyDown=${onKeyDown}>
    <thead><tr><th scope="col" class="wide-only c-time">Time (UTC)</th><th scope="col" class="c-method">Method</th><th scope="col">Path</th>
      <th scope="col" class="number c-status">Status</th><th scope="col" class="number wide-only c-duration">Duration</th>
      <th scope="col" class="wide-only c-user">User</th><th scope="col" class="wide-only c-sandbox">Sandbox</th>
      <th scope="col" class="wide-only c-fault">Fault</th></tr></thead>
    <tbody>${some.map((one) => html`<${Row} key=${one.id} one=${one} open=${one.id === opened} />`)}</tbody>
  </table>${more}
  ${requests.length === 0 && html`<p class="nothing">None passes the filter.</p>`}`;
}

function Row({ one, open }) {
  const show = () => update({ opened: one.id });
  const target = one.path + (one.query && `?${one.query}`);
  return html`<tr class=${open ? "open" : ""} onClick=${show}>
    <td class="wide-only dim"><${TimeOf} moment=${one.time} /></td>
    <td class=${`method ${one.method}`}><${Text} of=${one.method} /></td>
    <td class="path"><button type="button" class="row" data-id=${one.id} aria-expanded=${String(open)} title=${plain(target)}>
      <${Text} of=${one.path} />${one.query && html`<span class="dim">?<${Text} of=${one.query} /></span>`}</button>
      <span class="narrow-only dim">${duration(one.durationMs)} ${one.user && html`<${Text} of=${one.user} />`} ${one.fault && html`<${FaultBadge} id=${one.fault} />`}</span>
    </td>
    <td class="number"><${Status} one=${one} /></td>
    <td class="number wide-only">${duration(one.durationMs)}</td>
    <td class="wide-only user" title=${one.user && plain(one.user)}>${one.user && html`<${Text} of=${one.user} />`}</td>
    <td class="wide-only dim" title=${SANDBOX}>${SANDBOX}</td>
    <td class="wide-only">${one.fault && html`<${FaultBadge} id=${one.fault} />`}</td>
  </tr>`;
}

const FaultBadge = ({ id }) => html`<span class="badge fault"><${Text} of=${id} /></span>`;

export function Status({ one }) {
  if (one.status === null) return html`<span class="status s5">${one.durationMs === null ? "…" : "none"}</span>`;
  return html`<span class=${`status s${Math.floor(one.status / 100)}`}>${one.status}</span>`;
}

export function duration(milliseconds) {
  if (milliseconds === null) return "…";
  if (milliseconds === undefined) return "";
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}
