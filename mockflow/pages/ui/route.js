// Where one is: `#faults`, `#requests/req-12`, `#requests?text=milk`. It is in the address, so that reload, Back and a
// link that somebody was sent all lead to it.

import { read, update } from "./store.js";

/** The address of a request, or of a list of those that hold a text. */
export const addressOf = ({ opened = null, filter = {} }) => {
  const given = Object.entries(filter).filter(([, value]) => value);
  const query = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  return `#requests${opened ? `/${encodeURIComponent(opened)}` : ""}${query}`;
};

const current = () => (read().panel === "requests" ? addressOf(read()) : `#${read().panel}`);

/** Go there: `changes` has some of `panel`, `opened` and `filter`. `instead` of where one is, Back leads to neither. */
export function go(changes, { instead = false } = {}) {
  update(changes);
  if (location.hash === current()) return;
  history[instead ? "replaceState" : "pushState"](null, "", current());
}

/** Go where the address says, now and whenever it changes; `panels` are the names there are. */
export function followAddress(panels) {
  const arrive = () => {
    const [place, query] = location.hash.slice(1).split("?");
    const [name, id] = place.split("/");
    if (name !== "requests" && panels.includes(name)) return update({ panel: name });
    const asked = new URLSearchParams(query);
    const filter = { text: asked.get("text") ?? "", status: asked.get("status") ?? "" };
    return update({ panel: "requests", opened: decoded(id), filter });
  };
  addEventListener("hashchange", arrive);
  arrive();
}

function decoded(id) {
  try {
    return id ? decodeURIComponent(id) : null;
  } catch {
    return id;
  }
}
