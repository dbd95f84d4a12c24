// The table of requests, and what is there instead of an empty one.

import { html } from "../vendor/htm-preact.js";
import { BASE } from "../api.js";
import { Command, Copy, useMore } from "../parts.js";
import { go } from "../route.js";
import { useStore } from "../store.js";
import { plain, Text, TimeOf } from "../text.js";

const STEP = 100;

export function Nothing() {
  return html`<div class="nothing"><p>No requests yet. Give your client the base URL, and what it sends appears here:</p>
    <p class="try"><code>${BASE}</code> <${Copy} text=${BASE} label="Copy the base URL" /></p>
    <p>Or send one yourself:</p>
    <p class="try"><${Command} of=${`curl ${BASE}/api/v1/auth-check`} /></p>
    <p>Or use the <a href="../demo/">demo</a>, a small client in the browser, or try an operation on the <a href="../docs">API page</a>.</p></div>`;
}

export function Table({ requests, opened }) {
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
      <th scope="col" class="wide-only c-operation">Operation</th><th scope="col" class="wide-only c-user">User</th>
      <th scope="col" class="wide-only c-marks">Fault, coach</th></tr></thead>
    <tbody>${some.map((one) => html`<${Row} key=${one.id} one=${one} open=${one.id === opened} />`)}</tbody>
  </table>${more}
  ${requests.length === 0 && html`<div class="nothing"><p>None passes the filter.</p>
    <p><button type="button" onClick=${() => go({ filter: { text: "", status: "" } }, { instead: true })}>Show all</button></p></div>`}`;
}

function Row({ one, open }) {
  const show = () => go({ opened: one.id });
  const target = one.path + (one.query && `?${one.query}`);
  return html`<tr class=${open ? "open" : ""} onClick=${show}>
    <td class="wide-only dim"><${TimeOf} moment=${one.time} /></td>
    <td class=${`method ${one.method}`}><${Text} of=${one.method} /></td>
    <td class="path"><button type="button" class="row" data-id=${one.id} aria-expanded=${String(open)} title=${plain(target)}>
      <${Text} of=${one.path} />${one.query && html`<span class="dim">?<${Text} of=${one.query} /></span>`}</button>
      <span class="narrow-only dim">${duration(one.durationMs)} ${one.operation} ${one.user && html`<${Text} of=${one.user} />`} <${Marks} of=${one} /></span>
    </td>
    <td class="number"><${Status} one=${one} /></td>
    <td class="number wide-only">${duration(one.durationMs)}</td>
    <td class="wide-only" title=${one.operation}>${one.operation ?? html`<span class="dim">–</span>`}</td>
    <td class="wide-only user" title=${one.user && plain(one.user)}>${one.user && html`<${Text} of=${one.user} />`}</td>
    <td class="wide-only marks"><${Marks} of=${one} /></td>
  </tr>`;
}

// The rule that hit it, and what the coach says of it: each of his rules once.
function Marks({ of: { id, fault } }) {
  const findings = useStore((state) => state.findings.get(id)) ?? [];
  const rules = Map.groupBy(findings, (one) => one.rule);
  return html`${fault && html`<span class="badge fault"><${Text} of=${fault} /></span> `}
    ${[...rules].map(([rule, [{ level, message }]]) => html`<${CoachBadge} key=${rule} rule=${rule} level=${level} title=${plain(message)} /> `)}`;
}

export const CoachBadge = ({ rule, level, title }) => html`<span class=${`badge coach-${level}`} title=${title}>
  <span class="away">Coach: </span>${rule}</span>`;

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
