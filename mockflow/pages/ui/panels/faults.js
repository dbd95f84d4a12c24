// Faults: switches for common troubles, a form for any rule, and the rules that are in force.

import { html, useEffect } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { loadFaults, loadPresets } from "../actions.js";
import { flat } from "../flat.js";
import { afterAsking, Failure, Switch, useCall, useLooks } from "../parts.js";
import { useStore } from "../store.js";
import { plain, Text } from "../text.js";
import { RuleForm } from "./faultform.js";

const QUICK = [
  [401, "every call is refused as if signed out"],
  [429, "every call comes too soon"],
  [500, "every call fails on the server"],
];

export function Faults() {
  const first = useCall();
  useEffect(() => void first.run(() => Promise.all([loadFaults(), loadPresets()])), []);
  useLooks(loadFaults);
  return html`<${Failure} of=${first.error} />
    <div class="columns faults"><${Switches} /><div class="stack"><${RuleForm} /><${Rules} /></div></div>`;
}

function Switches() {
  const presets = useStore((state) => state.presets) ?? [];
  const faults = useStore((state) => state.faults) ?? [];
  const { error, run } = useCall();
  const inForce = (rules) => rules.every((rule) => faults.some((one) => isRule(one, rule)));
  const toggle = (rules, add) => run(async () => {
    if (inForce(rules)) await Promise.all(rules.map(({ id }) => remove(id)));
    else await add();
    await loadFaults();
  });
  return html`<section class="card" aria-labelledby="switches-title">
    <h3 id="switches-title">Switches</h3>
    <${Failure} of=${error} />
    <div class="switches">
      ${QUICK.map(([status, note]) => {
        const rule = { id: `console-${status}`, effect: { status } };
        const add = () => call("POST", "faults", rule);
        return html`<${Switch} key=${status} on=${inForce([rule])} note=${note} onSwitch=${() => toggle([rule], add)}>${status}<//>`;
      })}
      ${presets.map(({ name, imitates, rules }) => {
        const add = () => call("POST", `faults/presets/${encodeURIComponent(name)}`);
        return html`<${Switch} key=${name} on=${inForce(rules)} note=${imitates}
          onSwitch=${() => toggle(rules, add)}>${name}<//>`;
      })}
    </div>
  </section>`;
}

// A rule of somebody's own may have the id of one of ours.
function isRule({ matched, hits, ...rule }, wanted) {
  return same(rule, wanted);
}

function same(one, other) {
  if (typeof one !== "object" || one === null || typeof other !== "object" || other === null) return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => same(one[key], other[key]));
}

const remove = (id) => call("DELETE", `faults/${encodeURIComponent(id)}`);

function Rules() {
  const faults = useStore((state) => state.faults) ?? [];
  const { error, run } = useCall();
  const drop = (id) => run(async () => {
    await remove(id);
    await loadFaults();
    requestAnimationFrame(() => document.getElementById("rules-title")?.focus());
  });
  const question = ["Remove all rules?", "No fault is in force afterwards.", "Remove all"];
  const clear = () => afterAsking(question, run, async () => {
    await call("DELETE", "faults");
    await loadFaults();
  });
  return html`<section class="card" aria-labelledby="rules-title">
    <div class="head"><h3 id="rules-title" tabindex="-1">In force</h3>
      ${faults.length > 0 && html`<button type="button" class="small" onClick=${clear}>Remove all</button>`}</div>
    <${Failure} of=${error} />
    ${faults.length === 0
      ? html`<p class="dim">No rule: every request is answered as it should be. Flip a switch, add a rule, or open a
          <a href="#requests">request</a> and choose <em>Fail this operation</em>.</p>`
      : html`<table><thead><tr><th scope="col">Id</th><th scope="col">Rule</th><th scope="col" class="number">Hits</th>
          <th scope="col"><span class="away">Actions</span></th></tr></thead>
        <tbody>${faults.map((rule) => html`<${Rule} key=${rule.id} rule=${rule} onDrop=${drop} />`)}</tbody></table>`}
  </section>`;
}

function Rule({ rule, onDrop }) {
  const spent = rule.times !== undefined && rule.times !== null && rule.hits >= rule.times;
  return html`<tr>
    <th scope="row" class="mono"><${Text} of=${rule.id} /></th>
    <td class="mono"><${Text} of=${flat(rule)} />${spent && html` <span class="badge">used up</span>`}</td>
    <td class="number">${rule.hits}</td>
    <td class="end"><button type="button" class="small" aria-label=${`Remove ${plain(rule.id)}`} onClick=${() => onDrop(rule.id)}>Remove</button></td>
  </tr>`;
}
