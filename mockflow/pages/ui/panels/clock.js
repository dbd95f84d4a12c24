// The sandbox's clock: everything that has a time follows it.

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { clockNow, keepClock } from "../actions.js";
import { Failure, Field, useCall, useKept } from "../parts.js";
import { read, useStore } from "../store.js";

const STEPS = [["PT5M", "5 minutes"], ["PT1H", "1 hour"], ["P1D", "1 day"]];
const SAID = {
  real: "Real time: it runs with this machine’s.",
  shifted: "Shifted: it runs, but not at this machine’s time.",
  frozen: "Frozen: it stands still until it is moved.",
};

export function Clock() {
  const clock = useStore((state) => state.clock);
  const { error, run } = useCall();
  useEffect(() => void run(async () => keepClock(await call("GET", "clock"))), []);
  const change = (body) => run(async () => keepClock(await call("PUT", "clock", body)));
  const toReal = () => run(async () => keepClock(await call("DELETE", "clock")));
  const freeze = () => change({ freeze: nowOf(read().clock) });
  return html`<div class="columns">
    <section class="card" aria-labelledby="now-title">
      <h3 id="now-title">Now</h3>
      ${clock && html`<${Face} clock=${clock} /><p class="dim" role="status">${SAID[clock.mode]}</p>`}
      <${Failure} of=${error} />
      <div class="buttons">
        <button type="button" disabled=${!clock} onClick=${freeze}>Freeze</button>
        <button type="button" onClick=${toReal}>Back to real time</button>
      </div>
      <h4>Advance by</h4>
      <div class="buttons">${STEPS.map(([step, name]) => html`<button type="button" key=${step} onClick=${() => change({ advance: step })}>${name}</button>`)}</div>
    </section>
    <section class="card" aria-labelledby="move-title">
      <h3 id="move-title">Move it</h3>
      <${Mover} id="advance" label="Advance by" hint="A duration such as PT5M or P1DT2H, or seconds." action="Advance"
        body=${(text) => ({ advance: /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text })} />
      <${Mover} id="set" label="Set to" hint="A moment such as 2030-01-31T09:00:00Z. A running clock runs on from there." action="Set"
        body=${(text) => ({ set: text })} />
      <${Mover} id="freeze" label="Freeze at" hint="A moment; the clock stands still there." action="Freeze there" body=${(text) => ({ freeze: text })} />
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
  return html`<p class="face"><time datetime=${now}><span>${now.slice(0, 10)}</span> <span>${now.slice(11, 19)}</span> <small>UTC</small></time></p>`;
}

function Mover({ id, label, hint, action, body }) {
  const [text, setText] = useKept(`clock-${id}`, "");
  const { error, run, clear } = useCall();
  const submit = async (event) => {
    event.preventDefault();
    if (await run(async () => keepClock(await call("PUT", "clock", body(text.trim()))))) setText("");
  };
  return html`<form class="line" onSubmit=${submit} noValidate>
    <${Field} id=${id} label=${label} hint=${hint} error=${error?.message} value=${text}
      onValue=${(value) => { setText(value); clear(); }} />
    <button>${action}</button>
  </form>`;
}
