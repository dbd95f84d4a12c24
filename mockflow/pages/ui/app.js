// The console: a header that is always there, a row of tabs, and the panel that was chosen.

import { html, render, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { SANDBOX } from "./api.js";
import { announce, clockNow, lookAgain } from "./actions.js";
import { Confirmation, TokenPrompt } from "./dialogs.js";
import { connectNow, follow, isThere } from "./events.js";
import { Tabs } from "./parts.js";
import { followAddress, go } from "./route.js";
import { read, useStore } from "./store.js";
import { Accounts } from "./panels/accounts.js";
import { Clock } from "./panels/clock.js";
import { Data } from "./panels/data.js";
import { Faults } from "./panels/faults.js";
import { Outbox } from "./panels/outbox.js";
import { Requests } from "./panels/requests.js";
import { Sandboxes } from "./panels/sandboxes.js";
import { Snapshots } from "./panels/snapshots.js";

const LOOK_AGAIN_MS = 5000; // the clock and the rules can change without an event

const PANELS = {
  requests: ["Requests", Requests],
  faults: ["Faults", Faults],
  outbox: ["Outbox", Outbox],
  clock: ["Clock", Clock],
  accounts: ["Accounts", Accounts],
  data: ["Data", Data],
  snapshots: ["Snapshots", Snapshots],
  sandboxes: ["Sandboxes", Sandboxes],
};

function App() {
  const chosen = useStore((state) => state.panel);
  const faults = useStore((state) => state.faults?.length ?? 0);
  const messages = useStore((state) => state.messages?.length ?? 0);
  const counts = { faults, outbox: messages };
  const tabs = Object.entries(PANELS).map(([name, [title]]) => [name, title, counts[name]]);
  const [title, Panel] = PANELS[chosen];
  return html`
    <header>
      <h1><${Icon} /> mockflow <span class="dim">console</span></h1>
      <p class="where"><span class="word">Sandbox </span><a href="#sandboxes"><strong>${SANDBOX}</strong></a></p>
      <${HeaderClock} />
      <${Connection} />
      <nav aria-label="Pages"><a href="../guide/" target="_top">Handbook</a> <a href="../demo/" target="_top">Demo</a> <a href="../docs" target="_top">API page</a></nav>
    </header>
    <main>
      <${Tabs} label="Panels" prefix="tab" panel="panel" tabs=${tabs} chosen=${chosen} onChoose=${(panel) => go({ panel })} class="main" />
      <div id="panel" role="tabpanel" aria-labelledby=${`tab-${chosen}`} tabindex="-1" key=${chosen}>
        <h2 class="away">${title}</h2>
        <${Panel} />
      </div>
    </main>
    <${Announcer} /><${Confirmation} /><${TokenPrompt} />`;
}

const Announcer = () => html`<p class="away" role="status">${useStore((state) => state.announced)}</p>`;

const Icon = () => html`<svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
  <rect class="ground" width="32" height="32" rx="7" /><path class="tick" d="M8 17l5 5L24 10" /></svg>`;

function HeaderClock() {
  const clock = useStore((state) => state.clock);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  if (clock === null) return html`<p class="clock"></p>`;
  const now = new Date(clockNow(clock)).toISOString();
  return html`<p class=${`clock ${clock.mode}`}>
    <time datetime=${now}>${now.slice(0, 19).replace("T", " ")} UTC</time>
    ${clock.mode !== "real" && html` <span class="badge">${clock.mode}</span>`}
  </p>`;
}

const SAID = {
  connecting: "Connecting …",
  live: "Live",
  waiting: "Not connected, trying again",
  refused: "Not connected",
  gone: "Not connected",
};

function Connection() {
  const { state, detail } = useStore((all) => all.connection);
  useAnnounced(state);
  const again = { gone: "Make it again", refused: "Give the token", waiting: "Try now" }[state];
  return html`<div class=${`connection ${state}`}>
    <p>${SAID[state]}${detail && state !== "live" && html`<span class="away">: </span><span class="why">${detail}</span>`}</p>
    ${again && html`<button type="button" class="small" onClick=${connectNow}>${again}</button>`}
  </div>`;
}

// Said only when it changes, not at each try.
function useAnnounced(state) {
  const last = useRef("Connected");
  useEffect(() => {
    if (state === "connecting") return;
    const said = state === "live" ? "Connected" : "Not connected";
    if (said !== last.current) announce(said);
    last.current = said;
  }, [state]);
}

async function lookAgainIfSeen() {
  const { connection, token } = read();
  if (document.visibilityState === "visible" && connection.state === "live" && token === null) {
    if (await isThere()) await lookAgain();
  }
}

document.title = `${SANDBOX} – mockflow console`;
const place = document.getElementById("app");
place.replaceChildren();
followAddress(Object.keys(PANELS));
render(html`<${App} />`, place);
follow();
setInterval(lookAgainIfSeen, LOOK_AGAIN_MS);
document.addEventListener("visibilitychange", lookAgainIfSeen);
addEventListener("online", () => read().connection.state === "waiting" && connectNow());
