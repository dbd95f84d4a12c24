// What the views are made of.
import { html, useEffect, useState } from "../ui/vendor/htm-preact.js";
import { Field, useKept } from "../ui/parts.js";
import { update, useStore } from "../ui/store.js";
import { shown } from "../ui/text.js";
import { begin } from "./state.js";

export const Icon = ({ of }) => html`<svg class="icon" aria-hidden="true"><use href=${`#i-${of}`} /></svg>`;

/** What went wrong, or what is waited for: in the dialog where there is one, else on the page. */
export function Notice({ inDialog = false }) {
  const { again, sheet, waits, trouble, email } = useStore((state) => state);
  if (inDialog !== Boolean(again ?? sheet)) return null;
  if (waits.length > 0) return html`<${Waiting} waits=${waits} />`;
  return trouble && html`<div class="notice bad" role="alert"><p>${shown(trouble)}</p>
    ${!inDialog && email !== null && html`<button type="button" class="small" onClick=${begin}>Load again</button>`}
    <button type="button" class="small" onClick=${() => update({ trouble: null })}>Dismiss</button></div>`;
}

function Waiting({ waits }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 250);
    return () => clearInterval(timer);
  }, []);
  const last = waits.reduce((one, other) => (one.until > other.until ? one : other));
  const seconds = Math.max(1, Math.ceil((last.until - performance.now()) / 1000));
  return html`<div class="notice" role="status"><p>${last.why} <span aria-hidden="true">Trying again in ${seconds} s.</span></p>
    <button type="button" class="small" onClick=${() => waits.forEach((wait) => wait.stop())}>Stop</button></div>`;
}

/** A form that does one thing at a time, by a button of its own where `action` names one. */
export function Form({ work, action, children, ...rest }) {
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    await work(event.currentTarget).finally(() => setBusy(false));
  };
  return html`<form ...${rest} onSubmit=${submit} aria-busy=${String(busy)}>${children}
    ${action && html`<button class="primary" aria-disabled=${String(busy)}>${action}</button>`}</form>`;
}

/** A field and a button that make something; what was typed stays until that is there. */
export function OneLine({ label, work, children }) {
  const [text, setText] = useKept(label, "");
  const submit = async () => text.trim() && (await work(text.trim())) && setText("");
  return html`<${Form} class="line" aria-label=${label} action="Add" work=${submit}>
    <${Field} id=${label.replace(" ", "-")} label=${label} placeholder=${`+ ${label}`} maxlength="500" value=${text} onValue=${setText} />${children}<//>`;
}
