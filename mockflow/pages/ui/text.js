// Text of strangers, made harmless to look at: what cannot be seen is shown as a mark.

import { html } from "./vendor/htm-preact.js";

// Control characters, what turns the direction of writing, what has no width, and halves of surrogate pairs.
// The joiners U+200C and U+200D stay: languages and emoji need them.
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;
const LINE_ENDS_AND_TABS = /[\n\t]/;

function name(letter) {
  const code = letter.codePointAt(0);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The text with marks, as a string: for attributes and titles. */
export const plain = (text) => String(text).replace(UNSEEN, name);

/** The text with marks that stand out; a `block` keeps its line ends and tabs. */
export function shown(value, { block = false } = {}) {
  const text = String(value);
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(UNSEEN)) {
    if (block && LINE_ENDS_AND_TABS.test(found[0])) continue;
    parts.push(text.slice(from, found.index), html`<span class="mark">${name(found[0])}</span>`);
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

/** Somebody's text in a line; its direction does not touch what is around it. */
export function Text({ of, class: kind = "" }) {
  return html`<bdi class=${`text ${kind}`}>${shown(of ?? "")}</bdi>`;
}

/** Somebody's text in a box that scrolls, with colours where it is JSON or looks like it. */
export function Block({ of, label }) {
  const content = /^\s*[{[]/.test(of) ? coloured(of) : shown(of, { block: true });
  return html`<pre class="block" tabindex="0" role="region" aria-label=${label}>${content}</pre>`;
}

// A string with a colon behind it is a key; a string may lack its end, where a text was cut.
const TOKENS = /(?<string>"(?:[^"\\]|\\.)*"?)(?<key>\s*:)?|(?<number>-?\b\d[\d.eE+-]*)|(?<word>\b(?:true|false|null)\b)/gs;

function coloured(text) {
  const parts = [];
  let from = 0;
  for (const { 0: token, index, groups } of text.matchAll(TOKENS)) {
    const kind = groups.key ? "key" : groups.string ? "string" : groups.number ? "number" : "word";
    parts.push(shown(text.slice(from, index), { block: true }));
    parts.push(html`<span class=${`j-${kind}`}>${shown(token, { block: true })}</span>`);
    from = index + token.length;
  }
  parts.push(shown(text.slice(from), { block: true }));
  return parts;
}

/** Escapes as JSON, Python and JavaScript read them, for all that cannot be seen. */
export function escaped(json) {
  return json.replace(UNSEEN, (letter) =>
    [...Array(letter.length).keys()]
      .map((at) => `\\u${letter.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, timeZone: "UTC",
});

/** The time of day of an ISO moment, in UTC; the whole moment where a pointer rests. */
export function TimeOf({ moment, whole = false }) {
  const text = whole ? moment.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC") : CLOCK.format(Date.parse(moment));
  return html`<time datetime=${moment} title=${moment}>${text}</time>`;
}
