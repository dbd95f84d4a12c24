// The accounts there are, and sessions without a password.

import { html, useState } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { Command, Copy, Failure, Field, useCall, useKept, useSettled } from "../parts.js";
import { SIGN_UP } from "../snippets.js";
import { useStore } from "../store.js";
import { plain, shown, Text, TimeOf } from "../text.js";

const cookieOf = async (email) => (await call("POST", "sessions", { email }, { cookies: false })).cookie;

export function Accounts() {
  const [accounts, error] = useAccounts();
  const [said, say] = useState("");
  const actions = useCall();
  const signIn = (email) => actions.run(async () => {
    await call("POST", "sessions", { email });
    say(`This browser is signed in as ${email}.`);
  });
  const end = (email) => actions.run(async () => {
    const { ended } = await call("DELETE", "sessions", { email });
    say(`${ended} ${ended === 1 ? "session" : "sessions"} of ${email} ended.`);
  });
  const doing = { run: actions.run, signIn, end };
  return html`
    <${Failure} of=${error ?? actions.error} />
    <p class="said" role="status">${shown(said)}</p>
    ${accounts?.length === 0 && html`<${Nothing} />`}
    ${accounts?.length > 0 && html`<table><thead><tr><th scope="col">E-mail</th>
      <th scope="col" class="wide-only">Password</th>
      <th scope="col" class="wide-only">What for</th>
      <th scope="col"><span class="away">Actions</span></th></tr></thead>
      <tbody>${accounts.map((one) => html`<${Account} key=${one.email} account=${one} actions=${doing} />`)}</tbody></table>
      <${Any} />`}`;
}

// Those of the seeds, with their passwords, then those that signed up. The latter are looked for only where there are
// more than the seeds have: the data may be large.
function useAccounts() {
  const [accounts, setAccounts] = useState(null);
  const { error, run } = useCall();
  const seeds = useStore((state) => state.info?.seeds);
  const users = useStore((state) => state.info?.counts.users);
  const writes = useStore((state) => state.writes);
  useSettled(() => run(async () => {
    const [{ accounts: seeded }, { counts }] = await Promise.all([call("GET", "accounts"), call("GET", "info")]);
    const known = new Set(seeded.map((one) => one.email));
    const all = counts.users > seeded.length ? Object.values((await call("GET", "data")).users) : [];
    setAccounts([...seeded, ...all.filter((one) => !known.has(one.email)).map(signedUp)]);
  }), [seeds, users, writes]);
  return [accounts, error];
}

const signedUp = ({ email, name, createdAt }) => ({ email, name, created: createdAt });

function Nothing() {
  return html`<div class="nothing"><p>No account yet. Sign one up:</p>
    <p class="try"><${Command} of=${SIGN_UP} /></p>
    <p>The one-time code is in the <a href="#outbox">outbox</a> then. Or reset to a <a href="#snapshots">seed set</a> that has accounts.</p></div>`;
}

function Account({ account, actions }) {
  const { email, password, name, created } = account;
  const of = plain(email);
  const secret = password
    ? html`<code>${shown(password)}</code> <${Copy} text=${password} label=${`Copy the password of ${of}`} />`
    : html`<span class="dim">${created ? "its own" : "no password"}</span>`;
  const cookie = () => actions.run(() => cookieOf(email));
  return html`<tr>
    <th scope="row"><${Text} of=${email} /><div class="dim"><${Text} of=${name} /></div><div class="narrow-only">${secret}</div></th>
    <td class="secret wide-only">${secret}</td>
    <td class="wide-only">${created ? html`<span class="dim">signed up <${TimeOf} moment=${created} whole=${true} /></span>` : html`<${Text} of=${account.for} />`}</td>
    <td class="end"><div class="buttons">
      <${Copy} text=${cookie} label=${`Copy a cookie of ${of}`}>Copy cookie<//>
      <button type="button" class="small" aria-label=${`Sign in here as ${of}`} onClick=${() => actions.signIn(email)}>Sign in here</button>
      <button type="button" class="small" aria-label=${`End the sessions of ${of}`} onClick=${() => actions.end(email)}>End sessions</button>
    </div></td>
  </tr>`;
}

function Any() {
  const [email, setEmail] = useKept("email", "");
  const [cookie, setCookie] = useState(null);
  const { error, run } = useCall();
  const submit = async (event) => {
    event.preventDefault();
    setCookie((await run(() => cookieOf(email.trim()))) ?? null);
  };
  return html`<section class="card" aria-labelledby="any-title">
    <h3 id="any-title">A session of any account</h3>
    <form class="line" onSubmit=${submit} noValidate>
      <${Field} id="email" label="E-mail" type="email" value=${email} error=${error?.message} onValue=${setEmail} />
      <button>Start a session</button>
    </form>
    ${cookie && html`<p><code class="long">${cookie}</code> <${Copy} text=${cookie} label="Copy the cookie" /></p>`}
  </section>`;
}
