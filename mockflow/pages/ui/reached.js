// What of an answer reached the client. The journal has the answer that the server made; a fault may have broken it on
// its way, and says so in the entry's `error`.

import { isText } from "./snippets.js";

/** {`part`: the headers and body that came, or null; `note`: what became of the rest, or null} for a journal entry. */
export function reached({ status, durationMs, error, response }) {
  if (status === null) return { part: null, note: nothing(durationMs, error) };
  if (error?.includes("middle of the body")) return half(response, error);
  const less = error?.includes("client left") ? " It may have got less than this." : "";
  return { part: response, note: error && error + less };
}

function nothing(durationMs, error) {
  if (durationMs === null) return "None yet.";
  return error ? `${error} No answer reached the client.` : "None reached the client.";
}

// As `send_half` in mockflow/serving/delivery.py has it: the whole head, and of the body's bytes the first half.
function half(response, error) {
  const size = Math.floor(response.bodySize / 2);
  const kept = response.body === null ? "" : isText(response) ? response.body : JSON.stringify(response.body);
  const bytes = new TextEncoder().encode(kept).subarray(0, size);
  const text = new TextDecoder().decode(bytes, { stream: true }); // without a part of a letter at the end
  const part = { ...response, body: text === "" ? null : text, bodySize: size };
  return { part, note: `${error} ${size} of ${response.bodySize} bytes reached the client.` };
}
