// The two dialogs that any panel may need: a question before something is lost, and the control token.

import { html, useState } from "./vendor/htm-preact.js";
import { Dialog, Field } from "./parts.js";
import { useStore } from "./store.js";
import { plain } from "./text.js";

export function Confirmation() {
  const asked = useStore((state) => state.confirmation);
  if (asked === null) return null;
  return html`<${Dialog} key=${asked.title} title=${plain(asked.title)} onClose=${() => asked.answer(false)}>
    <p>${plain(asked.text)}</p>
    <div class="actions">
      <button type="button" onClick=${() => asked.answer(false)}>Cancel</button>
      <button type="button" class="danger" onClick=${() => asked.answer(true)}>${asked.action}</button>
    </div>
  <//>`;
}

export function TokenPrompt() {
  const asked = useStore((state) => state.token);
  return asked && html`<${TokenForm} key=${asked.refused} asked=${asked} />`;
}

function TokenForm({ asked }) {
  const [token, setToken] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (token !== "") asked.answer(token);
  };
  return html`<${Dialog} title="Control token" onClose=${() => asked.answer(null)}>
    <form onSubmit=${submit}>
      <p>This server guards its control API with <code>--control-token</code>. The token stays in this tab.</p>
      <${Field} id="token" label="Token" type="password" required value=${token} onValue=${setToken}
        error=${asked.refused} />
      <div class="actions">
        <button type="button" onClick=${() => asked.answer(null)}>Cancel</button>
        <button class="primary">Use the token</button>
      </div>
    </form>
  <//>`;
}
