// Accounts of the seeds, and sessions without a password.

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { Copy, Failure, Field, useCall, useKept } from "../parts.js";
import { useStore } from "../store.js";
import { plain, shown, Text } from "../text.js";

const cookieOf = async (email) => (await call("POST", "sessions", { email }, { cookies: false })).cookie;

export function Accounts() {
  const [accounts, setAccounts] = useState(null);
  const [said, say] = useState("");
  const { error, run } = useCall();
  const seeds = useStore((state) => state.info?.seeds);
  useEffect(() => void run(async () => setAccounts((await call("GET", "accounts")).accounts)), [seeds]);
  const signIn = (email) => run(async () => {
    await call("POST", "sessions", { email });
    say(`This browser is signed in as ${email}.`);
  });
  const end = (email) => run(async () => {
    const { ended } = await call("DELETE", "sessions", { email });
    say(`${ended} ${ended === 1 ? "session" : "sessions"} of ${email} ended.`);
  });
  const actions = { run, signIn, end };
  return html`
    <${Failure} of=${error} />
    <p class="said" role="status">${shown(said)}</p>
    ${accounts?.length === 0 && html`<p class="nothing">These seeds have no account.</p>`}
    ${accounts?.length > 0 && html`<table><thead><tr><th scope="col">E-mail</th>
      <th scope="col" class="wide-only">Password</th>
      <th scope="col" class="wide-only">What for</th>
      <th scope="col"><span class="away">Actions</span></th></tr></thead>
      <tbody>${accounts.map((one) => html`<${Account} key=${one.email} account=${one} actions=${actions} />`)}</tbody></table>`}
    <${Any} />`;
}

function Account({ account, actions }) {
  const { email, password, name } = account;
  const of = plain(email);
  const secret = password === null
    ? html`<span class="dim">no password</span>`
    : html`<code>${shown(password)}</code> <${Copy} text=${password} label=${`Copy the password of ${of}`} />`;
  const cookie = () => actions.run(() => cookieOf(email));
  return html`<tr>
    <th scope="row"><${Text} of=${email} /><div class="dim"><${Text} of=${name} /></div><div class="narrow-only">${secret}</div></th>
    <td class="secret wide-only">${secret}</td>
    <td class="wide-only"><${Text} of=${account.for} /></td>
    <td class="end"><div class="buttons">
      <${Copy} text=${cookie} label=${`Copy a cookie of ${of}`}>Copy cookie<//>
      <button type="button" class="small" aria-label=${`Sign in here as ${of}`} onClick=${() => actions.signIn(email)}>Sign in here</button>
      <button type="button" class="small" aria-label=${`End the sessions of ${of}`} onClick=${() => actions.end(email)}>End sessions</button>
    </div></td>
  </tr>`;
}

// Who signed up is not among the seeds' accounts.
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
