// One request: what came, what went, and how to send it again.

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { call, Refused, SANDBOX } from "../api.js";
import { Copy, Failure, useCall } from "../parts.js";
import { asCurl, asTest, hasBody, isText } from "../snippets.js";
import { useStore } from "../store.js";
import { Block, shown, Text, TimeOf } from "../text.js";
import { duration, Status } from "./requests.js";

export function Detail({ id, onClose }) {
  const [entry, error] = useEntry(id);
  const heading = useRef();
  useEffect(() => heading.current.focus(), []);
  const onKeyDown = (event) => event.key === "Escape" && onClose();
  return html`<section class="detail" aria-labelledby="detail-title" onKeyDown=${onKeyDown}>
    <div class="head">
      <h3 id="detail-title" tabindex="-1" ref=${heading}>${id}${entry && html` <span class="mono"><${Text} of=${entry.method} /> <${Text} of=${entry.path} /></span>`}</h3>
      <button type="button" class="small" onClick=${onClose}>Close</button>
    </div>
    <${Failure} of=${error} />
    ${entry && html`<${Facts} entry=${entry} />
      <${Side} title="Request" part=${entry.request} />
      ${entry.status === null
        ? html`<${NoResponse} waits=${entry.durationMs === null} />`
        : html`<${Side} title="Response" part=${entry.response} />`}
      <${Snippets} entry=${entry} />`}
  </section>`;
}

// Again when it has ended.
function useEntry(id) {
  const [loaded, setLoaded] = useState([null, null]);
  const milliseconds = useStore((state) => state.requests.find((one) => one.id === id)?.durationMs);
  useEffect(() => {
    let wanted = true;
    call("GET", `requests/${id}`).then(
      (entry) => wanted && setLoaded([entry, null]),
      (error) => {
        if (!(error instanceof Refused)) throw error;
        if (wanted) setLoaded(([entry]) => [entry, error]);
      },
    );
    return () => (wanted = false);
  }, [id, milliseconds]);
  return loaded;
}

function Facts({ entry }) {
  const facts = [
    ["Status", html`<${Status} one=${entry} />`],
    ["Duration", duration(entry.durationMs)],
    ["Time", html`<${TimeOf} moment=${entry.time} whole=${true} />`],
    ["Operation", entry.operation ?? "none of the API’s"],
    ["Sandbox", SANDBOX],
    ["User", entry.user && html`<${Text} of=${entry.user} />`],
    ["Query", entry.query && html`<${Text} of=${entry.query} />`],
    ["Fault", entry.fault && html`<${Text} of=${entry.fault} />`],
    ["Error", entry.error && html`<${Text} of=${entry.error} />`],
  ];
  return html`<dl class="facts">${facts.filter(([, value]) => value).map(
    ([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

function Side({ title, part }) {
  const headers = Object.entries(part.headers);
  return html`<section class="side">
    <h4>${title}</h4>
    ${headers.length > 0 && html`<table class="headers"><caption class="away">Headers of the ${title.toLowerCase()}</caption>
      <tbody>${headers.map(([name, value]) => html`<tr key=${name}><th scope="row"><${Text} of=${name} /></th>
        <td><${Text} of=${value} /></td></tr>`)}</tbody></table>`}
    <${Body} part=${part} label=${`Body of the ${title.toLowerCase()}`} />
  </section>`;
}

// What the server would have said is in the journal, but the client has seen nothing of it.
function NoResponse({ waits }) {
  return html`<section class="side"><h4>Response</h4>
    <p class="dim">${waits ? "None yet." : "None reached the client."}</p></section>`;
}

function Body({ part, label }) {
  if (!hasBody(part)) {
    return html`<p class="dim">${part.bodySize === 0 ? "No body." : `A body of ${part.bodySize} bytes, which was not kept or is no text.`}</p>`;
  }
  const text = isText(part) ? part.body : JSON.stringify(part.body, null, 2);
  return html`<${Block} of=${text} label=${label} />
    <p class="dim small-print">${part.bodySize} bytes${part.bodyCut && ", of which only the beginning was kept"}</p>`;
}

function Snippets({ entry }) {
  const [cookie, setCookie] = useState(null);
  const { error, run } = useCall();
  const curl = asCurl(entry, cookie);
  const test = asTest(entry);
  const newSession = () => run(async () => {
    setCookie((await call("POST", "sessions", { email: entry.user }, { cookies: false })).cookie);
  });
  return html`<section class="side">
    <div class="head"><h4>As curl</h4><div class="buttons">
      ${entry.user && html`<button type="button" class="small" onClick=${newSession}>With a session of ${shown(entry.user)}</button>`}
      <${Copy} text=${curl} label="Copy as curl" /></div></div>
    <${Failure} of=${error} />
    <${Block} of=${curl} label="As curl" />
    <div class="head"><h4>As a pytest snippet</h4><${Copy} text=${test} label="Copy as a pytest snippet" /></div>
    <${Block} of=${test} label="As a pytest snippet" />
  </section>`;
}
