// One request: what to do with it, what came, what went, and how to send it again from elsewhere.

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { call, Refused, SANDBOX } from "../api.js";
import { Copy, Failure, Tabs, useCall, useKept } from "../parts.js";
import { reached } from "../reached.js";
import { addressOf } from "../route.js";
import { asCurl, asJavaScript, asTest, hasBody, isText } from "../snippets.js";
import { useStore } from "../store.js";
import { Block, shown, Text, TimeOf } from "../text.js";
import { Actions } from "./deeds.js";
import { Har } from "./har.js";
import { CoachBadge, duration, Status } from "./requestlist.js";

export function Detail({ id, onClose }) {
  const [entry, error] = useEntry(id);
  const heading = useRef();
  useEffect(() => {
    if (navigator.userActivation.hasBeenActive) heading.current.focus(); // not where its address was opened
  }, []);
  const onKeyDown = (event) => event.key === "Escape" && onClose();
  return html`<section class="detail" aria-labelledby="detail-title" onKeyDown=${onKeyDown}>
    <div class="head">
      <h3 id="detail-title" tabindex="-1" ref=${heading}>${id}${entry && html` <span class="mono"><${Text} of=${entry.method} /> <${Text} of=${entry.path} /></span>`}</h3>
      <button type="button" class="small" onClick=${onClose}>Close</button>
    </div>
    <${Failure} of=${error} />
    ${entry && html`<${Content} entry=${entry} />`}
  </section>`;
}

function Content({ entry }) {
  const [cookie, setCookie] = useState(null);
  const snippets = { curl: asCurl(entry, cookie), pytest: asTest(entry), javascript: asJavaScript(entry) };
  const { part, note } = reached(entry);
  return html`
    <div class="deeds"><${Actions} entry=${entry} />
      <div class="buttons copies" role="group" aria-label="Copy as">
        ${WAYS.map(([way, name]) => html`<${Copy} key=${way} text=${snippets[way]} label=${`Copy as ${name}`}>Copy ${name}<//>`)}
        <${Har} id=${entry.id} /></div></div>
    <${Facts} entry=${entry} />
    <${Findings} id=${entry.id} />
    <${Side} title="Request" part=${entry.request} />
    <${Side} title="Response" part=${part} note=${note} />
    <${Snippets} entry=${entry} snippets=${snippets} onCookie=${setCookie} />`;
}

// Again when it has ended.
function useEntry(id) {
  const [loaded, setLoaded] = useState([null, null]);
  const milliseconds = useStore((state) => state.requests.find((one) => one.id === id)?.durationMs);
  useEffect(() => {
    let wanted = true;
    call("GET", `requests/${encodeURIComponent(id)}`).then(
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
  ];
  return html`<dl class="facts">${facts.filter(([, value]) => value).map(
    ([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

const MOST_LINKS = 10;

function Findings({ id }) {
  const findings = useStore((state) => state.findings.get(id)) ?? [];
  if (findings.length === 0) return null;
  return html`<section class="side" aria-labelledby="coach-title"><h4 id="coach-title">The coach</h4>
    <ul class="findings">${findings.map(({ rule, level, message, requests }) => {
      const others = requests.filter((one) => one !== id);
      const rest = others.length - MOST_LINKS;
      return html`<li key=${rule + message}><${CoachBadge} rule=${rule} level=${level} /> <${Text} of=${message} />
        ${others.length > 0 && html`<span class="dim"> See also ${others.slice(0, MOST_LINKS).map((one) => html`<a key=${one} href=${addressOf({ opened: one })}>${one}</a> `)}
          ${rest > 0 && `and ${rest} more`}</span>`}</li>`;
    })}</ul></section>`;
}

function Side({ title, part, note }) {
  const whose = title.toLowerCase();
  return html`<section class="side">
    <h4>${title}</h4>
    ${note && html`<p class=${part ? "warning" : "dim"}><${Text} of=${note} /></p>`}
    ${part && html`<${Headers} headers=${Object.entries(part.headers)} whose=${whose} />
      <${Body} part=${part} label=${`Body of the ${whose}`} />`}
  </section>`;
}

function Headers({ headers, whose }) {
  const [open, setOpen] = useKept(`headers of the ${whose}`, false);
  if (headers.length === 0) return null;
  return html`<details class="folded" open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>${headers.length} ${headers.length === 1 ? "header" : "headers"}</summary>
    <table class="headers"><caption class="away">Headers of the ${whose}</caption>
      <tbody>${headers.map(([name, value]) => html`<tr key=${name}><th scope="row"><${Text} of=${name} /></th>
        <td><${Text} of=${value} /></td></tr>`)}</tbody></table></details>`;
}

function Body({ part, label }) {
  if (!hasBody(part)) {
    return html`<p class="dim">${part.bodySize === 0 ? "No body." : `A body of ${part.bodySize} bytes, which was not kept or is no text.`}</p>`;
  }
  const text = isText(part) ? part.body : JSON.stringify(part.body, null, 2);
  return html`<${Block} of=${text} label=${label} />
    <p class="dim small-print">${part.bodySize} bytes${part.bodyCut && ", of which only the beginning was kept"}</p>`;
}

const WAYS = [["curl", "curl"], ["pytest", "pytest"], ["javascript", "JavaScript"]];

function Snippets({ entry, snippets, onCookie }) {
  const [way, setWay] = useKept("snippet", "curl");
  const { error, run } = useCall();
  const newSession = () => run(async () => {
    onCookie((await call("POST", "sessions", { email: entry.user }, { cookies: false })).cookie);
  });
  const name = WAYS.find(([one]) => one === way)[1];
  return html`<section class="side">
    <div class="head"><${Tabs} label="As code" prefix="as" panel="as-panel" tabs=${WAYS} chosen=${way} onChoose=${setWay} class="inner" />
      ${entry.user && way === "curl" && html`<button type="button" class="small" onClick=${newSession}>With a session of ${shown(entry.user)}</button>`}</div>
    <${Failure} of=${error} />
    <div id="as-panel" role="tabpanel" aria-labelledby=${`as-${way}`}><${Block} of=${snippets[way]} label=${`As ${name}`} /></div>
  </section>`;
}
