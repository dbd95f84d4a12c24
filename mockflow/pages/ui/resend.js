// Sending a request of the journal again, from this browser.

import { call } from "./api.js";
import { address, bodyOf, hasBody, REMOVED, tellingHeaders } from "./snippets.js";

/** Why a request cannot be sent again as it was; null where it can. */
export function cannotBeSent(entry) {
  const { request, method } = entry;
  const withBody = request.bodySize > 0;
  if (["CONNECT", "TRACE", "TRACK"].includes(method)) return `A browser does not send ${method}.`;
  if (withBody && ["GET", "HEAD"].includes(method)) return `A browser sends no body with ${method}.`;
  if (withBody && (request.bodyCut || !hasBody(request))) return "The journal does not have all of its body.";
  if (JSON.stringify(request.body ?? "").includes(REMOVED) || entry.query.includes(REMOVED)) {
    return "It held a secret, which the journal does not keep.";
  }
  return null;
}

/**
 * Send it in a session of the same user, which this browser has from then on, or in none. Gives {`status`, `id`}, both
 * null where no answer came. Throws `Refused`.
 */
export async function sendAgain(entry) {
  if (entry.user !== null) await call("POST", "sessions", { email: entry.user });
  const options = {
    method: entry.method,
    headers: tellingHeaders(entry),
    credentials: entry.user === null ? "omit" : "same-origin",
    body: entry.request.bodySize > 0 ? new TextEncoder().encode(bodyOf(entry)) : undefined, // text would get a type
    cache: "no-store",
  };
  try {
    const answer = await fetch(address(entry), options);
    return { status: answer.status, id: answer.headers.get("X-Mockflow-Request-Id") };
  } catch {
    return { status: null, id: null };
  }
}
