// Signing in, signing up, and signing in again where the session is over.

import { html, useState } from "../ui/vendor/htm-preact.js";
import { Field, useKept } from "../ui/parts.js";
import { Text } from "../ui/text.js";
import { Notice, Sheet } from "./pieces.js";
import { attempt, enter, flowtask, leave } from "./state.js";

const DEMO = { email: "demo@flowtask.test", password: "Passw0rd!" };

/** A form that does one thing at a time; what was typed is the caller's. */
export function Form({ work, action, children, ...rest }) {
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    await work(event.currentTarget).finally(() => setBusy(false));
  };
  return html`<form ...${rest} onSubmit=${submit} aria-busy=${String(busy)}>${children}<button class="primary" aria-disabled=${String(busy)}>${action}</button></form>`;
}

const Email = (rest) => html`<${Field} id="email" label="E-mail" type="email" required autocomplete="username" ...${rest} />`;
const Password = (rest) => html`<${Field} label="Password" type="password" required ...${rest} />`;

export function Door() {
  const [email, setEmail] = useKept("email", "");
  const [isNew, setNew] = useKept("new", false);
  const [password, setPassword] = useState("");
  const [sentTo, setSentTo] = useKept("sent", null);
  const [code, setCode] = useState("");
  const signIn = (who) => attempt(() => flowtask.signIn(who.email, who.password)).then((done) => done && enter(who.email.toLowerCase()));
  const ask = () => attempt(() => flowtask.requestSignUpCode(email)).then((done) => done && setSentTo(email));
  const signUp = () => attempt(() => flowtask.signUp(sentTo, code.trim(), password)).then((done) => done && enter(sentTo.toLowerCase()));
  const form = !isNew
    ? html`<${Form} key="in" aria-label="Sign in" action="Sign in" work=${() => signIn({ email, password })}>
        <${Email} value=${email} onValue=${setEmail} />
        <${Password} id="password" value=${password} onValue=${setPassword} autocomplete="current-password" /><//>`
    : sentTo === null
      ? html`<${Form} key="ask" aria-label="Sign up" action="Send me a code" work=${ask}><${Email} value=${email} onValue=${setEmail} /><//>`
      : html`<${Form} key="up" aria-label="Sign up" action="Create the account" work=${signUp}>
          <p class="hint">No mail leaves this machine: the code for <${Text} of=${sentTo} /> is in the
            <a href="../ui/#outbox" target="_blank">outbox of the console</a>; <code>mockflow outbox</code> prints it, too.</p>
          <${Field} id="code" label="Code" inputmode="numeric" required autocomplete="one-time-code" value=${code} onValue=${setCode} />
          <${Password} id="password" value=${password} onValue=${setPassword} minlength="8" autocomplete="new-password" /><//>`;
  return html`<main class="door">
    <h1><${Logo} />Flowtask</h1><p class="dim">A small client to look at, and to break: it runs on mockflow.</p>
    <section class="card"><h2>${isNew ? "Create an account" : "Sign in"}</h2><${Notice} layer="page" />${form}
      <p class="other">${isNew ? "You have an account?" : "New here?"} <button type="button" class="link"
        onClick=${() => (setNew(!isNew), setSentTo(null))}>${isNew ? "Sign in" : "Create an account"}</button></p></section>
    ${!isNew && html`<section class="card demo"><p><strong>Just looking?</strong><br /><code>${DEMO.email}</code> <code>${DEMO.password}</code></p>
      <button type="button" onClick=${() => signIn(DEMO)}>Use the demo account</button></section>`}
  </main>`;
}

export const Logo = () => html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
  <rect class="ground" width="32" height="32" rx="9" /><path class="tick" d="M8 17l5 5L24 10" /></svg>`;

/** The session is over: what was under way waits for the next one, and goes on. */
export function Again({ email, again }) {
  const [password, setPassword] = useState("");
  const work = () => attempt(() => flowtask.signIn(email, password)).then((done) => done && again.go());
  return html`<${Sheet} layer="again" title="Sign in again" onClose=${leave}>
    <p>Your session is over. Nothing is lost: what you were doing goes on as soon as you are back.</p>
    <${Form} aria-label="Sign in again" action="Sign in" work=${work}>
      <p><${Text} of=${email} /></p>
      <${Password} id="again" value=${password} onValue=${setPassword} autocomplete="current-password" /><//>
    <p class="other"><button type="button" class="link" onClick=${leave}>Sign in as somebody else</button></p>
  <//>`;
}
