// The journal, or one request of it, as a HAR file.

import { html } from "../vendor/htm-preact.js";
import { call, SANDBOX } from "../api.js";
import { useCall } from "../parts.js";

/** A button that saves the whole journal, or the request of an `id`, for a browser's network panel and for tests. */
export function Har({ id = null }) {
  const { error, run } = useCall();
  const save = () => run(async () => {
    const archive = await call("GET", "requests.har");
    if (id !== null) archive.log.entries = archive.log.entries.filter((one) => one._requestId === id);
    download(`mockflow-${SANDBOX}${id === null ? "" : `-${id}`}.har`, JSON.stringify(archive, null, 2));
  });
  const label = id === null ? "Save all requests as HAR" : "Save this request as HAR";
  return html`<button type="button" class=${id === null ? "" : "small"} aria-label=${label} title=${error?.message ?? label}
    onClick=${save}>${error ? "HAR: failed" : "HAR"}</button>`;
}

// Not a link to the server's own: that could not send the control token.
function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
