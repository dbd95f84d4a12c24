// What the views are made of.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../ui/vendor/htm-preact.js";
import { update, useStore } from "../ui/store.js";
import { shown } from "../ui/text.js";
import { begin } from "./state.js";

const PATHS = {
  today: "M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  upcoming: "M5 5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM4 10h16M8 3v4M16 3v4",
  all: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  completed: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6",
  inbox: "M4 13l3-8h10l3 8v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM4 13h5a3 3 0 0 0 6 0h5",
  project: "M4 7a1 1 0 0 1 1-1h5l2 2h7a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1z",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4 4",
  tag: "M4 4h8l8 8-8 8-8-8zM8 8h.01",
  plus: "M12 5v14M5 12h14",
  menu: "M4 7h16M4 12h16M4 17h16",
  board: "M5 4h4v16H5zM15 4h4v10h-4z",
  repeat: "M4 11a7 7 0 0 1 12-4l3 3M19 5v5h-5M20 13a7 7 0 0 1-12 4l-3-3M5 19v-5h5",
};

export const Icon = ({ of }) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[of]} /></svg>`;

/** A modal dialog; what goes wrong is told in it. */
export function Sheet({ title, layer = "sheet", onClose, children }) {
  const element = useRef();
  useLayoutEffect(() => element.current.showModal(), []);
  const cancelled = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${element} class=${layer} aria-labelledby=${`${layer}-title`} onCancel=${cancelled}>
    <h2 id=${`${layer}-title`}>${title}</h2><${Notice} layer=${layer} />${children}
  </dialog>`;
}

/** What went wrong, or what is waited for: on the page, or in the dialog that is above it. */
export function Notice({ layer }) {
  const { again, sheet, waits, trouble, email } = useStore((state) => state);
  if (layer !== (again ? "again" : sheet ? "sheet" : "page")) return null;
  if (waits.length > 0) return html`<${Waiting} waits=${waits} />`;
  return trouble && html`<div class="notice bad" role="alert"><p>${shown(trouble)}</p>
    ${layer === "page" && email !== null && html`<button type="button" class="small" onClick=${begin}>Load again</button>`}
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
