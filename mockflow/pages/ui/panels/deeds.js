// What one can do about a request: make its operation fail from now on, and send it again.

import { html, useState } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { loadFaults } from "../actions.js";
import { flat, parse } from "../flat.js";
import { Failure, useCall, useKept } from "../parts.js";
import { cannotBeSent, sendAgain } from "../resend.js";
import { addressOf } from "../route.js";
import { useStore } from "../store.js";
import { plain, Text } from "../text.js";

// As the flat grammar has them.
const WAYS = [
  ["status=500", "500"], ["status=503; retry-after=1", "503"], ["status=429", "429"], ["status=401", "401"],
  ["disconnect=reset", "a reset"], ["phase=after; disconnect=empty", "a lost answer"], ["hang=30", "silence"],
];

export function Actions({ entry }) {
  return html`${entry.operation !== null && html`<${Failing} operation=${entry.operation} />`}<${SendAgain} entry=${entry} />`;
}

function Failing({ operation }) {
  const [way, setWay] = useKept("failing", WAYS[0][0]);
  const { error, run } = useCall();
  const faults = useStore((state) => state.faults) ?? [];
  const made = faults.filter((one) => one.match?.operation === operation);
  const fail = () => run(async () => {
    await call("POST", "faults", parse(`${way}; operation=${operation}`));
    await loadFaults();
  });
  const drop = (id) => run(async () => {
    await call("DELETE", `faults/${encodeURIComponent(id)}`);
    await loadFaults();
  });
  return html`<div class="buttons">
      <button type="button" class="primary small" onClick=${fail}>Fail this operation</button>
      <label class="joined">with <select value=${way} onInput=${(event) => setWay(event.currentTarget.value)}>
        ${WAYS.map(([rule, name]) => html`<option key=${rule} value=${rule} selected=${rule === way}>${name}</option>`)}</select></label>
    </div>
    <${Failure} of=${error} />
    ${made.length > 0 && html`<ul class="made" aria-label="Rules for this operation">${made.map((rule) => html`<li key=${rule.id}>
      <span class="badge fault"><${Text} of=${rule.id} /></span> <code><${Text} of=${flat(rule)} /></code>
      <span class="dim">${rule.hits} ${rule.hits === 1 ? "hit" : "hits"}</span>
      <button type="button" class="small" aria-label=${`Remove ${plain(rule.id)}`} onClick=${() => drop(rule.id)}>Remove</button></li>`)}</ul>`}`;
}

function SendAgain({ entry }) {
  const [sent, setSent] = useState(null);
  const [sending, setSending] = useState(false);
  const { error, run } = useCall();
  const reason = cannotBeSent(entry);
  const send = () => run(async () => {
    setSending(true);
    setSent(null);
    try {
      setSent(await sendAgain(entry));
    } finally {
      setSending(false);
    }
  });
  return html`<div class="buttons">
      <button type="button" class="small" disabled=${reason !== null || sending} aria-describedby="send-note" onClick=${send}>
        ${sending ? "Sending …" : "Send again"}</button>
    </div>
    <p id="send-note" class="said" role="status">${sent && html`<${Result} sent=${sent} user=${entry.user} />`}
      ${reason && html`<span class="dim">${reason}</span>`}</p>
    <${Failure} of=${error} />`;
}

function Result({ sent: { status, id }, user }) {
  return html`${status === null ? "No answer came." : `Answered ${status}`}${id && html`: <a href=${addressOf({ opened: id })}>${id}</a>`}
    ${user && html`<span class="dim"> This browser is signed in as <${Text} of=${user} /> now.</span>`}`;
}
