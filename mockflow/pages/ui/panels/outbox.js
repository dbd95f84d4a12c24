// The outbox: what Flowtask would have mailed, newest first.

import { html, useEffect } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { loadMessages } from "../actions.js";
import { afterAsking, Command, Copy, Failure, useCall, useLooks, useMore } from "../parts.js";
import { SIGN_UP } from "../snippets.js";
import { useStore } from "../store.js";
import { plain, Text, TimeOf } from "../text.js";

export function Outbox() {
  const messages = useStore((state) => state.messages) ?? [];
  const { error, run } = useCall();
  useEffect(() => void run(loadMessages), []);
  useLooks(loadMessages);
  const question = ["Empty the outbox?", "All messages and their codes are deleted.", "Empty it"];
  const clear = () => afterAsking(question, run, async () => {
    await call("DELETE", "outbox");
    await loadMessages();
  });
  const [some, more] = useMore(messages, 100);
  return html`
    <div class="toolbar"><p class="tally">Nothing leaves this machine: what would have been mailed is here.</p>
      ${messages.length > 0 && html`<div class="buttons"><button type="button" onClick=${clear}>Empty the outbox</button></div>`}</div>
    <${Failure} of=${error} />
    ${messages.length === 0
      ? html`<${Nothing} />`
      : html`<table><thead><tr><th scope="col" class="wide-only">To</th>
        <th scope="col">Code</th>
        <th scope="col">Message</th>
        <th scope="col" class="wide-only">Sent</th></tr></thead>
        <tbody>${some.map((one) => html`<${Message} key=${one.id} message=${one} />`)}</tbody></table>${more}`}`;
}

function Nothing() {
  return html`<div class="nothing"><p>No message. A one-time code appears here as soon as a client asks for one:</p>
    <p class="try"><${Command} of=${SIGN_UP} /></p></div>`;
}

function Message({ message }) {
  const { to, code, subject, text, sentAt } = message;
  return html`<tr>
    <th scope="row" class="wide-only"><${Text} of=${to} /></th>
    <td class="code">${code && html`<code>${code}</code> <${Copy} text=${code} label=${`Copy the code ${code} for ${plain(to)}`} />`}</td>
    <td><span class="narrow-only"><${Text} of=${to} /></span><${Text} of=${subject} /><div class="dim"><${Text} of=${text} /></div></td>
    <td class="wide-only dim"><${TimeOf} moment=${sentAt} whole=${true} /></td>
  </tr>`;
}
