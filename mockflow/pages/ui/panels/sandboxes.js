// The sandboxes of this server: each has a console of its own, at its own address.

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { call, SANDBOX, SERVER } from "../api.js";
import { afterAsking, beside, byField, Failure, Field, useCall, useKept, useLooks } from "../parts.js";
import { Text } from "../text.js";

const consoleOf = (path) => new URL(`${path.slice(1)}_mockflow/ui/`, SERVER).href;
const EMPTY = { name: "", from: "", ttlSeconds: "" };

export function Sandboxes() {
  const [sandboxes, setSandboxes] = useState([]);
  const { error, run } = useCall();
  const load = async () => setSandboxes((await call("GET", "sandboxes")).sandboxes);
  useEffect(() => void run(load), []);
  useLooks(load);
  const drop = (name) => afterAsking([`Delete the sandbox ${name}?`, "Its data, sessions and snapshots are gone.", "Delete"], run, async () => {
    await call("DELETE", `sandboxes/${name}`, undefined, { base: new URL("_mockflow/", SERVER) });
    if (name === SANDBOX) location.assign(consoleOf("/"));
    else await load();
  });
  return html`<div class="columns">
    <section class="card wide-card" aria-labelledby="sandboxes-title">
      <h3 id="sandboxes-title">Sandboxes</h3>
      <${Failure} of=${error} />
      <table><thead><tr><th scope="col">Name</th>
        <th scope="col" class="wide-only">Seeds</th>
        <th scope="col">Ends</th>
        <th scope="col"><span class="away">Actions</span></th></tr></thead>
        <tbody>${sandboxes.map((one) => html`<${Row} key=${one.name} one=${one} onDrop=${drop} />`)}</tbody></table>
    </section>
    <${New} sandboxes=${sandboxes} onMade=${load} />
  </div>`;
}

function Row({ one, onDrop }) {
  const here = one.name === SANDBOX;
  return html`<tr>
    <th scope="row">${here ? html`<${Text} of=${one.name} /> <span class="badge">this one</span>` : html`<a href=${consoleOf(one.path)}>${one.name}</a>`}</th>
    <td class="wide-only"><${Text} of=${one.seeds} /></td>
    <td>${remaining(one.expiresInSeconds)}</td>
    <td class="end"><div class="buttons">
      <a class="button small" href=${consoleOf(one.path)} target="_blank" rel="noopener" aria-label=${`Open ${one.name} in a new tab`}>New tab</a>
      ${one.name !== "default" && html`<button type="button" class="small" aria-label=${`Delete ${one.name}`} onClick=${() => onDrop(one.name)}>Delete</button>`}
    </div></td>
  </tr>`;
}

function remaining(seconds) {
  if (seconds === null) return "with the server";
  if (seconds < 90) return `in ${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `in ${Math.round(seconds / 60)} min` : `in ${Math.round(seconds / 3600)} h`;
}

function New({ sandboxes, onMade }) {
  const [form, setForm] = useKept("sandbox", EMPTY);
  const [snapshots, setSnapshots] = useState([]);
  const [made, setMade] = useState(null);
  const { error, run } = useCall();
  useEffect(() => void run(async () => setSnapshots((await call("GET", "snapshots")).snapshots)), []);
  const told = byField(error, (path) => (path in form ? path : undefined));
  const field = (key, label, more) => html`<${Field} id=${`new-${key}`} label=${label} value=${form[key]} error=${told[key]}
    onValue=${(value) => setForm((now) => ({ ...now, [key]: value }))} ...${more} />`;
  const sources = [
    ["", "The server’s start"],
    ...sandboxes.map(({ name }) => [name, `Sandbox ${name}`]),
    ...snapshots.map(({ name }) => [name, `Snapshot ${name}`]),
  ];
  const submit = async (event) => {
    event.preventDefault();
    const created = await run(() => call("POST", "sandboxes", bodyOf(form)));
    if (!created) return;
    setMade(created);
    setForm(EMPTY);
    await run(onMade);
  };
  return html`<section class="card" aria-labelledby="new-title">
    <h3 id="new-title">New sandbox</h3>
    <form onSubmit=${submit} noValidate>
      <div class="grid">
        ${field("name", "Name", { placeholder: "one is given" })}
        ${field("from", "Begins as", { options: sources })}
        ${field("ttlSeconds", "Ends after (s)", { inputmode: "numeric", placeholder: "never" })}
      </div>
      <${Failure} of=${beside(error, told)} />
      <div class="actions"><button class="primary">Create</button></div>
    </form>
    <p class="said" role="status">${made && html`There is <a href=${consoleOf(made.path)}>${made.name}</a> now.`}</p>
  </section>`;
}

function bodyOf({ name, from, ttlSeconds }) {
  const seconds = /^\s*\d{1,15}\s*$/.test(ttlSeconds) ? Number(ttlSeconds) : ttlSeconds.trim();
  return Object.fromEntries(Object.entries({ name: name.trim(), from, ttlSeconds: seconds }).filter(([, value]) => value !== ""));
}
