// The flat way to write a fault rule (`status=500; operation=createTask; times=2`), as `mockflow faults add` reads it.
// A test compares this with the server's own reading.

// Where each key is in a rule.
export const PLACES = {
  id: ["id"],
  operation: ["match", "operation"],
  method: ["match", "method"],
  path: ["match", "path"],
  user: ["match", "user"],
  status: ["effect", "status"],
  message: ["effect", "message"],
  "retry-after": ["effect", "retryAfter"],
  "content-type": ["effect", "headers", "Content-Type"],
  content: ["effect", "body"],
  disconnect: ["effect", "disconnect"],
  hang: ["effect", "hang"],
  malformed: ["effect", "malformed"],
  "expire-session": ["effect", "expireSession"],
  latency: ["latency", "ms"],
  jitter: ["latency", "jitter"],
  distribution: ["latency", "distribution"],
  "bytes-per-second": ["latency", "bytesPerSecond"],
  skip: ["skip"],
  times: ["times"],
  probability: ["probability"],
  phase: ["phase"],
  "expires-after": ["expiresAfter"],
};
const TEXTS = new Set(
  "id operation method path user message content-type content disconnect distribution phase".split(" "),
);
const NUMBER = /^-?\d{1,12}(\.\d{1,20})?(e[+-]?\d{1,3})?$/i;

/** What is wrong with a text that is no rule; `key` is where. */
export class NotARule extends Error {
  constructor(message, key = null) {
    super(message);
    this.key = key;
  }
}

/** The rule that a text stands for; one that begins with `{` is JSON. Throws `NotARule`. */
export function parse(text) {
  if (text.trimStart().startsWith("{")) return fromJson(text);
  const pairs = text.split(";").map(pairOf).filter((pair) => pair !== null);
  if (pairs.length === 0) throw new NotARule("Expected a rule such as 'status=500; operation=createTask; times=2'.");
  return ruleOf(pairs);
}

function fromJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotARule(`This is not JSON: ${error.message}`);
  }
}

function pairOf(part) {
  const equals = part.indexOf("=");
  const key = (equals < 0 ? part : part.slice(0, equals)).trim();
  if (equals >= 0) return [key, part.slice(equals + 1).trim()];
  if (/^\d+$/.test(key)) return ["status", key];
  if (key === "") return null;
  throw new NotARule(`Expected key=value, or a status alone, in '${key}'.`, key);
}

/** The rule of [key, text] pairs. Throws `NotARule`. */
export function ruleOf(pairs) {
  const rule = {};
  for (const [key, text] of pairs) {
    if (!Object.hasOwn(PLACES, key)) {
      throw new NotARule(`There is no key '${key}'; there are ${Object.keys(PLACES).join(", ")}.`, key);
    }
    const outer = PLACES[key].slice(0, -1);
    const last = PLACES[key].at(-1);
    const inner = outer.reduce((within, name) => (within[name] ??= {}), rule);
    if (Object.hasOwn(inner, last)) throw new NotARule(`${key} is given twice.`, key);
    inner[last] = TEXTS.has(key) ? text : valueOf(key, text);
  }
  return rule;
}

function valueOf(key, text) {
  if (text === "true" || text === "false") return text === "true";
  if (NUMBER.test(text)) return Number(text);
  throw new NotARule(`${key} cannot be '${text.slice(0, 40)}': expected a number or true.`, key);
}

/** The key of the grammar for an offence's path, such as `effect.status`; undefined where there is none. */
export function keyOf(path) {
  return Object.keys(PLACES).find((key) => PLACES[key].join(".") === path);
}

/** A rule as flat text, without its id; what the grammar cannot say is added as JSON. */
export function flat(rule) {
  const said = Object.entries(PLACES)
    .filter(([key]) => key !== "id" && !key.startsWith("content"))
    .map(([key, place]) => [key, place.reduce((within, name) => within?.[name], rule)])
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`);
  const more = ["headers", "body"]
    .filter((key) => rule.effect?.[key] !== undefined)
    .map((key) => `${key}=${JSON.stringify(rule.effect[key])}`);
  return [...said, ...more].join("; ");
}
