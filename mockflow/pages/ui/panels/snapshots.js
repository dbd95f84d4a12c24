// Snapshots of this sandbox, and the way back to a start state.

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { dataChanged, refresh } from "../actions.js";
import { SEED_SETS } from "../operations.js";
import { afterAsking, beside, byField, Failure, Field, Moment, useCall, useKept, useLooks, utc } from "../parts.js";
import { useStore } from "../store.js";
import { plain, Text, TimeOf } from "../text.js";

export function Snapshots() {
  return html`<div class="columns"><${Saved} /><${Reset} /></div>`;
}

const pathOf = (name) => `snapshots/${encodeURIComponent(name)}`;

function Saved() {
  const [snapshots, setSnapshots] = useState([]);
  const [said, say] = useState("");
  const { error, run } = useCall();
  const load = async () => setSnapshots((await call("GET", "snapshots")).snapshots);
  useEffect(() => void run(load), []);
  useLooks(load);
  const restore = (name) => run(async () => {
    await call("POST", `${pathOf(name)}/restore`);
    say(`Back at ${name}.`);
    dataChanged();
    await refresh();
  });
  const drop = (name) => afterAsking([`Delete the snapshot ${name}?`, "What it holds cannot be brought back.", "Delete"], run, async () => {
    await call("DELETE", pathOf(name));
    await load();
  });
  return html`<section class="card" aria-labelledby="snapshots-title">
    <h3 id="snapshots-title">Snapshots</h3>
    <p class="dim">Data, sessions, codes, outbox, clock and faults of this sandbox; kept until the server stops.</p>
    <${SaveForm} onSaved=${load} />
    <${Failure} of=${error} />
    <p class="said" role="status">${said}</p>
    ${snapshots.length === 0 && html`<p class="nothing">No snapshot yet. Save one before you try something out: one click brings everything back.</p>`}
    ${snapshots.length > 0 && html`<table><thead><tr><th scope="col">Name</th>
      <th scope="col" class="wide-only">Saved</th>
      <th scope="col"><span class="away">Actions</span></th></tr></thead>
      <tbody>${snapshots.map(({ name, savedAt }) => html`<tr key=${name}><th scope="row"><${Text} of=${name} /></th>
        <td class="wide-only dim"><${TimeOf} moment=${savedAt} whole=${true} /></td>
        <td class="end"><div class="buttons">
          <button type="button" class="small" aria-label=${`Restore ${plain(name)}`} onClick=${() => restore(name)}>Restore</button>
          <button type="button" class="small" aria-label=${`Delete ${plain(name)}`} onClick=${() => drop(name)}>Delete</button></div></td></tr>`)}</tbody></table>`}
  </section>`;
}

function SaveForm({ onSaved }) {
  const [name, setName] = useKept("snapshot", "");
  const { error, run, clear } = useCall();
  const submit = async (event) => {
    event.preventDefault();
    const saved = await run(async () => {
      await call("PUT", pathOf(name.trim()));
      await onSaved();
    });
    if (saved) setName("");
  };
  return html`<form class="line" onSubmit=${submit}>
    <${Field} id="snapshot" label="Name" required value=${name} error=${error?.message} onValue=${(text) => { setName(text); clear(); }} />
    <button>Save</button>
  </form>`;
}

function Reset() {
  const info = useStore((state) => state.info);
  const [form, setForm] = useKept("reset", { seeds: "", seed: "", clock: "" });
  const [said, say] = useState("");
  const { error, run } = useCall();
  const told = byField(error, (path) => (path in form ? path : undefined));
  const field = (key, label, more) => html`<${Field} id=${`reset-${key}`} label=${label} value=${form[key]} error=${told[key]}
    onValue=${(value) => setForm((now) => ({ ...now, [key]: value }))} ...${more} />`;
  const question = ["Reset this sandbox?", "Its data, sessions, outbox, clock, faults and requests go back to the start.", "Reset"];
  const submit = async (event) => {
    event.preventDefault();
    await afterAsking(question, run, async () => {
      const { seeds, seed } = await call("POST", "reset", bodyOf(form));
      say(`Back at the start: ${seeds}, seed ${seed}.`);
      setForm({ seeds: "", seed: "", clock: "" });
    });
  };
  return html`<section class="card" aria-labelledby="reset-title">
    <h3 id="reset-title">Reset</h3>
    <p class="dim">${info && html`Now: seed set <code>${plain(info.seeds)}</code>, seed <code>${info.seed}</code>, data ${info.data === "memory" ? "in memory" : html`in <code>${plain(info.data)}</code>`}.`}</p>
    <form onSubmit=${submit} noValidate>
      <div class="grid">
        ${field("seeds", "Seed set", { options: [["", "As started"], ...SEED_SETS.map((name) => [name, name])] })}
        ${field("seed", "Seed", { inputmode: "numeric", placeholder: "as started" })}
        <${Moment} id="reset-clock" label="Clock, frozen at (UTC)" value=${form.clock} error=${told.clock}
          onValue=${(value) => setForm((now) => ({ ...now, clock: value }))} />
      </div>
      <${Failure} of=${beside(error, told)} />
      <div class="actions"><button class="danger">Reset</button></div>
      <p class="said" role="status">${said}</p>
    </form>
  </section>`;
}

// A seed that is no whole number goes as it is: the server says what is wrong with it.
function bodyOf({ seeds, seed, clock }) {
  const number = /^\s*-?\d{1,15}\s*$/.test(seed) ? Number(seed) : seed.trim();
  const all = { seeds, seed: number, clock: utc(clock) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}
