// Signing in, signing up, and signing in again where the session is over.
import { html, useState } from "../ui/vendor/htm-preact.js";
import { Dialog, Field, useKept } from "../ui/parts.js";
import { Text } from "../ui/text.js";
import { Form, Icon, Notice } from "./pieces.js";
import { attempt, enter, flowtask, leave } from "./state.js";

const DEMO = { email: "demo@flowtask.test", password: "Passw0rd!" };

const Email = (rest) => html`<${Field} id="email" label="E-mail" type="email" required autocomplete="username" ...${rest} />`;
const Password = (rest) => html`<${Field} id="password" label="Password" type="password" required ...${rest} />`;

export function Door() {
  const [email, setEmail] = useKept("email", "");
  const [isNew, setNew] = useKept("new", false);
  const [sentTo, setSentTo] = useKept("sent", null);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const entering = async (who, work) => (await attempt(work)) && (setNew(false), setSentTo(null), enter(who.toLowerCase()));
  const signIn = (who) => entering(who.email, () => flowtask.signIn(who.email, who.password));
  const ask = async () => (await attempt(() => flowtask.requestSignUpCode(email))) && setSentTo(email);
  const signUp = () => entering(sentTo, () => flowtask.signUp(sentTo, code.trim(), password));
  const form = !isNew ? html`<${Form} key="in" aria-label="Sign in" action="Sign in" work=${() => signIn({ email, password })}>
      <${Email} value=${email} onValue=${setEmail} />
      <${Password} value=${password} onValue=${setPassword} autocomplete="current-password" /><//>`
    : sentTo === null ? html`<${Form} key="ask" aria-label="Sign up" action="Send me a code" work=${ask}><${Email} value=${email} onValue=${setEmail} /><//>`
    : html`<${Form} key="up" aria-label="Sign up" action="Create the account" work=${signUp}>
      <p class="hint">No mail leaves this machine: the code for <${Text} of=${sentTo} /> is in the
        <a href="../ui/#outbox" target="_blank">outbox of the console</a>; <code>mockflow outbox</code> prints it, too.</p>
      <${Field} id="code" label="Code" inputmode="numeric" required autocomplete="one-time-code" value=${code} onValue=${setCode} />
      <${Password} value=${password} onValue=${setPassword} minlength="8" autocomplete="new-password" /><//>`;
  return html`<main class="door">
    <h1><${Icon} of="logo" />Flowtask</h1><p class="dim">A small client to look at and to break. It runs on mockflow.</p>
    <section class="card"><h2>${isNew ? "Create an account" : "Sign in"}</h2><${Notice} />${form}
      <p class="other">${isNew ? "You have an account?" : "New here?"} <button type="button" class="link"
        onClick=${() => (setNew(!isNew), setSentTo(null))}>${isNew ? "Sign in" : "Create an account"}</button></p></section>
    ${!isNew && html`<section class="card demo"><p><strong>Just looking?</strong><br /><code>${DEMO.email}</code> · <code>${DEMO.password}</code></p>
      <button type="button" onClick=${() => signIn(DEMO)}>Use the demo account</button></section>`}
  </main>`;
}

/** The session is over: what was under way waits for the next one, and goes on. */
export function Again({ email, again }) {
  const [password, setPassword] = useState("");
  const work = async () => (await attempt(() => flowtask.signIn(email, password))) && again.go();
  return html`<${Dialog} title="Sign in again" onClose=${leave}><${Notice} inDialog />
    <p>Your session is over. Nothing is lost: what you were doing goes on as soon as you are back.</p>
    <${Form} aria-label="Sign in again" action="Sign in" work=${work}><strong><${Text} of=${email} /></strong>
      <${Password} value=${password} onValue=${setPassword} autocomplete="current-password" /><//>
    <p class="other"><button type="button" class="link" onClick=${leave}>Sign in as somebody else</button></p><//>`;
}
