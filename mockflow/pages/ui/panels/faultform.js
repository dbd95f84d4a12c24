// A form for any fault rule: as a text of the flat grammar (or JSON), or field by field.

import { html } from "../vendor/htm-preact.js";
import { call, Refused } from "../api.js";
import { loadFaults } from "../actions.js";
import { keyOf, NotARule, parse, ruleOf } from "../flat.js";
import { OPERATIONS } from "../operations.js";
import { beside, byField, Failure, Field, Tabs, useCall, useKept } from "../parts.js";

const EFFECTS = [
  ["", "None, only a latency"],
  ["status", "An error status"],
  ["disconnect", "A broken connection"],
  ["hang", "Silence, so many seconds"],
  ["malformed", "Malformed JSON"],
  ["expire-session", "The session ends"],
];
const DISCONNECTS = [["reset", "reset"], ["empty", "empty"], ["truncate", "truncate"], ["garbage", "garbage"]];
const METHODS = [["", "Any"], ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map((one) => [one, one])];
const PHASES = [["", "Instead of the operation"], ["after", "After it: its answer is lost"]];
const EMPTY = { effect: "status", status: "500", disconnect: "reset", hang: "30" };

export function RuleForm() {
  const [way, setWay] = useKept("way", "text");
  return html`<section class="card" aria-labelledby="form-title">
    <div class="head"><h3 id="form-title">Add a rule</h3>
      <${Tabs} label="How to write the rule" prefix="way" panel="way-panel" chosen=${way} onChoose=${setWay} class="inner"
        tabs=${[["text", "As text"], ["fields", "As fields"]]} /></div>
    <div id="way-panel" role="tabpanel" aria-labelledby=${`way-${way}`}>
      ${way === "text" ? html`<${AsText} />` : html`<${AsFields} />`}
    </div>
  </section>`;
}

// The grammar's own errors are told as the server's are.
async function add(rule) {
  const made = await call("POST", "faults", rule);
  await loadFaults();
  return made;
}

function read(work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NotARule)) throw error;
    const offences = error.key === null ? [] : [{ path: [error.key], message: error.message }];
    throw new Refused(error.message, 0, offences);
  }
}

function AsText() {
  const [text, setText] = useKept("rule", "");
  const { error, run, clear } = useCall();
  const submit = async (event) => {
    event.preventDefault();
    if (await run(async () => add(read(() => parse(text))))) setText("");
  };
  return html`<form onSubmit=${submit} noValidate>
    <${Field} id="rule" label="Rule" wide=${true} rows="3" value=${text} error=${error?.message}
      onValue=${(value) => { setText(value); clear(); }} onKeyDown=${(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit(event)}
      hint="Such as status=500; operation=createTask; times=2. A text that begins with { is taken as JSON." />
    <div class="actions"><button class="primary">Add the rule</button></div>
  </form>`;
}

// Which keys go with which effect, beside those that go with all.
function pairsOf(form) {
  const own = {
    status: ["status", "message", "retry-after"], disconnect: ["disconnect"], hang: ["hang"], malformed: [], "expire-session": [], "": [],
  }[form.effect];
  const always = ["id", "operation", "method", "path", "user", "latency", "jitter", "skip", "times", "probability", "phase", "expires-after"];
  const pairs = [...own, ...always].map((key) => [key, (form[key] ?? "").trim()]).filter(([, value]) => value !== "");
  return ["malformed", "expire-session"].includes(form.effect) ? [[form.effect, "true"], ...pairs] : pairs;
}

function AsFields() {
  const [form, setForm] = useKept("rule-fields", EMPTY);
  const { error, run } = useCall();
  const told = byField(error, (path) => keyOf(path) ?? (path in form || path.includes("-") ? path : undefined));
  const submit = async (event) => {
    event.preventDefault();
    if (await run(async () => add(read(() => ruleOf(pairsOf(form)))))) setForm(EMPTY);
  };
  const field = (key, label, more = {}) => html`<${Field} key=${key} id=${`f-${key}`} label=${label} value=${form[key] ?? ""}
    error=${told[key]} onValue=${(value) => setForm((now) => ({ ...now, [key]: value }))} ...${more} />`;
  return html`<form onSubmit=${submit} noValidate>
    <datalist id="operations">${OPERATIONS.map((name) => html`<option key=${name} value=${name} />`)}</datalist>
    <div class="grid">
      ${field("effect", "What happens", { options: EFFECTS })}
      ${form.effect === "status" && [field("status", "Status"), field("message", "Message"), field("retry-after", "Retry-After (s)")]}
      ${form.effect === "disconnect" && field("disconnect", "How it breaks", { options: DISCONNECTS })}
      ${form.effect === "hang" && field("hang", "Seconds")}
      ${field("latency", "Latency (ms)")}${field("jitter", "Jitter (ms)")}
      ${field("operation", "Operation", { list: "operations", placeholder: "any" })}
      ${field("method", "Method", { options: METHODS })}
      ${field("path", "Path", { placeholder: "/api/v2/todo/**" })}
      ${field("user", "User", { placeholder: "any" })}
      ${field("skip", "Skip first")}${field("times", "Times")}
      ${field("probability", "Probability", { placeholder: "1" })}
      ${field("phase", "When", { options: PHASES })}
      ${field("expires-after", "Expires after (s)")}${field("id", "Id")}
    </div>
    <${Failure} of=${beside(error, told)} />
    <div class="actions"><button class="primary">Add the rule</button></div>
  </form>`;
}
