// What several panels are made of.

import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";
import { Refused } from "./api.js";
import { announce, confirmed, quietly } from "./actions.js";
import { useStore } from "./store.js";
import { plain, shown } from "./text.js";

/** A call's state, and `run(work)`, which gives what it gives, or undefined and the error to show. */
export function useCall() {
  const [error, setError] = useState(null);
  const busy = useRef(false);
  const run = async (work) => {
    if (busy.current) return undefined;
    busy.current = true;
    setError(null);
    try {
      return (await work()) ?? true;
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      setError(refused);
      return undefined;
    } finally {
      busy.current = false;
    }
  };
  return { error, run, clear: () => setError(null) };
}

const kept = new Map();
const keepers = new Set();

/**
 * `useState` for what a person typed or chose: it is there again when the panel is. Who sets it may be gone by then, and
 * another stand in its place: whatever shows it follows.
 */
export function useKept(key, initial) {
  const [first] = useState(initial);
  const [, redraw] = useState(0);
  useLayoutEffect(() => {
    const follow = (changed) => changed === key && redraw((count) => count + 1);
    keepers.add(follow);
    return () => keepers.delete(follow);
  }, [key]);
  const value = () => (kept.has(key) ? kept.get(key) : first);
  const set = (next) => {
    kept.set(key, typeof next === "function" ? next(value()) : next);
    for (const follow of [...keepers]) follow(key);
  };
  return [value(), set];
}

/** `load` again each time the page looks whether something has changed without an event. */
export function useLooks(load) {
  const info = useStore((state) => state.info);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) quietly(load);
    first.current = false;
  }, [info]);
}

const SETTLE_MS = 400; // changes come in bursts

/**
 * `load` at first, and again when something of `changes` is new: once for a burst of news, and for news without an end,
 * ever again, but then it rests `rest` times as long as it took, so that the server has its time for others.
 */
export function useSettled(load, changes, rest = 3) {
  const { current } = useRef({ done: null, due: null, pause: 0 });
  current.load = load;
  useEffect(() => {
    current.due ??= setTimeout(async () => {
      const began = performance.now();
      current.due = null;
      await current.done;
      current.done = current.load();
      await current.done;
      current.pause = Math.max(SETTLE_MS, rest * (performance.now() - began));
    }, current.pause);
  }, changes);
  useEffect(() => () => clearTimeout(current.due), []);
}

/** Ask once, then do it, then keep the focus in the panel. */
export async function afterAsking(question, run, work) {
  if (!(await confirmed(...question))) return undefined;
  const done = await run(work);
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.getElementById("panel").focus();
  });
  return done;
}

/** An error in the server's words. */
export function Failure({ of: error }) {
  if (error === null) return null;
  return html`<p class="failure" role="alert">${shown(error.message)}</p>`;
}

/** What `error` says about the fields of a form: {field: message}; `fieldOf` names a field for an offence's path. */
export function byField(error, fieldOf) {
  const told = {};
  for (const { path, message } of error?.offences ?? []) {
    const field = fieldOf(path.join("."));
    if (field) told[field] = told[field] ? `${told[field]} ${message}` : message;
  }
  return told;
}

/** What is left of an error when its fields tell theirs; null where they tell all. */
export function beside(error, told) {
  const all = error?.offences?.length > 0 && Object.keys(told).length >= error.offences.length;
  return all ? null : error;
}

/** A labelled input, select (with `options`) or textarea (with `rows`); its error is told beside it. */
export function Field({ id, label, hint, error, options, value, onValue, wide, ...rest }) {
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const common = {
    id, value, "aria-describedby": described, "aria-invalid": error ? "true" : undefined,
    onInput: (event) => onValue(event.currentTarget.value), ...rest,
  };
  const kind = options ? "select" : rest.rows ? "textarea" : "input";
  const plainText = kind === "select" ? {} : { autocomplete: "off", spellcheck: false };
  return html`<div class=${wide ? "field wide" : "field"}>
    <label for=${id}>${label}</label>
    <${kind} ...${plainText} ...${common}>${options?.map(
      ([name, text]) => html`<option key=${name} value=${name} selected=${name === value}>${plain(text)}</option>`,
    )}<//>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="offence" id=${`${id}-error`} role="alert">${shown(error)}</p>`}
  </div>`;
}

/** A field with the browser's picker of a day and a time; its value is taken as UTC. */
export function Moment(props) {
  return html`<${Field} type="datetime-local" step="1" min="0001-01-01T00:00" max="9999-12-31T23:59:59" ...${props} />`;
}

/** The moment of such a field as the control API takes it; empty where none is chosen. */
export const utc = (value) => value && `${value.length === 16 ? `${value}:00` : value}Z`;

/** Copies `text`, or what it gives as a function; says so on itself. */
export function Copy({ text, label, children }) {
  const [done, setDone] = useState("");
  const copy = async () => {
    const value = typeof text === "function" ? await text() : text;
    if (typeof value !== "string") return;
    const said = (await toClipboard(value)) ? "Copied" : "Not copied";
    setDone(said);
    announce(said);
  };
  return html`<button type="button" class="small" aria-label=${label && plain(label)} onClick=${copy}
    onBlur=${() => setDone("")}>${done || children || "Copy"}</button>`;
}

/** A command to try out, with a button that copies it. */
export const Command = ({ of }) => html`<code>${of}</code> <${Copy} text=${of} label="Copy the command" />`;

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text); // a page from another address than localhost has no clipboard
  }
}

function copiedTheOldWay(text) {
  const back = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "away";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  back?.focus();
  return done;
}

/** Something that is on or off. */
export function Switch({ on, onSwitch, children, note }) {
  return html`<button type="button" role="switch" class="switch" aria-checked=${String(on)} onClick=${onSwitch}>
    <span class="knob" aria-hidden="true"></span>
    <span>${children}${note && html`<span class="note">${note}</span>`}</span>
  </button>`;
}

/** A row of tabs; arrow keys, Home and End choose. They all belong to one panel. */
export function Tabs({ label, prefix, panel, tabs, chosen, onChoose, class: kind = "" }) {
  const row = useRef();
  const choose = (at) => {
    const [name] = tabs[(at + tabs.length) % tabs.length];
    onChoose(name);
    row.current.querySelector(`#${prefix}-${name}`).focus();
  };
  const onKeyDown = (event) => {
    const at = tabs.findIndex(([name]) => name === chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  };
  return html`<div class=${`tabs ${kind}`} role="tablist" aria-label=${label} ref=${row} onKeyDown=${onKeyDown}>
    ${tabs.map(([name, text, count]) => html`<button type="button" role="tab" key=${name} id=${`${prefix}-${name}`}
      aria-controls=${panel} aria-selected=${String(name === chosen)} tabindex=${name === chosen ? 0 : -1}
      onClick=${() => onChoose(name)}>${text}${count ? html` <span class="count">${count}</span>` : ""}</button>`)}
  </div>`;
}

/** A modal dialog: keeps the focus, and gives it back. */
export function Dialog({ title, onClose, children }) {
  const element = useRef();
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancelled = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${element} aria-labelledby="dialog-title" onCancel=${cancelled}>
    <h2 id="dialog-title">${title}</h2>${children}
  </dialog>`;
}

/** Shows `rest` of a long list only when asked: gives the part to show, and the button for more. */
export function useMore(list, step) {
  const [most, setMost] = useState(step);
  const left = list.length - most;
  const more = left > 0
    ? html`<button type="button" class="more" onClick=${() => setMost(most + step)}>
        Show ${Math.min(step, left)} more of ${left}</button>`
    : null;
  return [list.slice(0, most), more];
}
