// The sandbox's clock: everything that has a time follows it.

import { html, useEffect, useMemo, useState } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { clockNow, keepClock } from "../actions.js";
import { Failure, Field, Moment, useCall, useKept, utc } from "../parts.js";
import { read, useStore } from "../store.js";

const STEPS = [["PT5M", "5 minutes"], ["PT1H", "1 hour"], ["P1D", "1 day"]];
const SAID = {
  real: "Real time: it runs with this machine’s.",
  shifted: "Shifted: it runs, but not at this machine’s time.",
  frozen: "Frozen: it stands still until it is moved.",
};

const change = async (body) => keepClock(await call("PUT", "clock", body));

export function Clock() {
  const clock = useStore((state) => state.clock);
  const { error, run } = useCall();
  useEffect(() => void run(async () => keepClock(await call("GET", "clock"))), []);
  const toReal = () => run(async () => keepClock(await call("DELETE", "clock")));
  const freeze = () => run(() => change({ freeze: nowOf(read().clock) }));
  return html`<div class="columns">
    <section class="card" aria-labelledby="now-title">
      <h3 id="now-title">Now</h3>
      ${clock && html`<${Face} clock=${clock} /><p class="dim" role="status">${SAID[clock.mode]}</p>`}
      <${Failure} of=${error} />
      <div class="buttons">
        <button type="button" disabled=${!clock} onClick=${freeze}>Freeze</button>
        <button type="button" onClick=${toReal}>Back to real time</button>
      </div>
    </section>
    <section class="card" aria-labelledby="move-title">
      <h3 id="move-title">Move it</h3>
      <h4>Forward</h4>
      <div class="buttons">${STEPS.map(([step, name]) => html`<button type="button" key=${step} onClick=${() => run(() => change({ advance: step }))}>${name}</button>`)}</div>
      <${Advance} />
      ${clock && html`<${To} clock=${clock} />`}
    </section>
  </div>`;
}

const nowOf = (clock) => new Date(clockNow(clock)).toISOString();

function Face({ clock }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 500);
    return () => clearInterval(timer);
  }, []);
  const now = nowOf(clock);
  return html`<p class="face"><time datetime=${now}><span>${now.slice(11, 19)}</span><small>${now.slice(0, 10)} UTC</small></time></p>`;
}

function Advance() {
  const [text, setText] = useKept("clock-advance", "");
  const { error, run, clear } = useCall();
  const submit = async (event) => {
    event.preventDefault();
    const by = text.trim();
    if (await run(() => change({ advance: /^-?\d+(\.\d+)?$/.test(by) ? Number(by) : by }))) setText("");
  };
  return html`<form class="line" onSubmit=${submit} noValidate>
    <${Field} id="advance" label="Advance by" hint="90s, 5m, 24h, 2d, PT5M, or seconds." error=${error?.message} value=${text}
      onValue=${(value) => { setText(value); clear(); }} />
    <button>Advance</button>
  </form>`;
}

function To({ clock }) {
  const first = useMemo(() => nowOf(clock).slice(0, 16), []);
  const [text, setText] = useKept("clock-moment", first);
  const { error, run, clear } = useCall();
  const to = (how) => (event) => {
    event.preventDefault();
    run(() => change({ [how]: utc(text) }));
  };
  return html`<h4>To a moment</h4>
    <form onSubmit=${to("freeze")} noValidate>
      <${Moment} id="moment" label="Day and time (UTC)" error=${error?.message} value=${text} onValue=${(value) => { setText(value); clear(); }} />
      <div class="actions"><button type="button" onClick=${to("set")}>Run on from there</button>
        <button class="primary">Freeze there</button></div>
    </form>`;
}
