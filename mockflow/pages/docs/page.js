// The API page: Swagger UI over this server's own document, and a button for each seeded account.
// Under `/s/<name>/` everything here is about that sandbox, since all addresses are relative.

const TOKEN = "mockflow-token"; // the console keeps it under the same name
const byId = (id) => document.getElementById(id);

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(path, { method = "GET", body } = {}) {
  const headers = {};
  const token = sessionStorage.getItem(TOKEN);
  // A header takes no other letters, and to be told that the token is wrong it has to be sent.
  if (token !== null) headers.Authorization = `Bearer ${token.replace(/[^\x20-\x7e\xa0-\xff]/g, "?")}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) throw new Refused(answer.status, content.message);
  return content;
}

function tell(text) {
  byId("state").textContent = text;
}

// One who is signed in has a pressed button; pressing another changes places.
function show(email) {
  for (const button of byId("buttons").children) {
    button.setAttribute("aria-pressed", String(button.dataset.email === email));
  }
  byId("sign-out").hidden = email === null;
}

async function signIn(email) {
  await call("sessions", { method: "POST", body: { email } });
  show(email);
  tell(`Signed in as ${email}: what you try below is done in that name.`);
}

async function signOut() {
  await call("../api/v1/user/logout", { method: "POST" });
  show(null);
  tell("Signed out.");
}

// What fails is told, and the page stays usable.
const attempt = (work) => () => work().catch((error) => tell(error.message));

function accountButton({ email, for: purpose }) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.email = email;
  button.textContent = email;
  button.title = purpose;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", attempt(() => signIn(email)));
  return button;
}

// Swagger UI's own dark theme hangs on a class.
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();

// --- the reference

const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

/** Whether an operation holds each word: in its name, method, path, summary or group. */
function holds(words, method, path, { operationId, summary, tags }) {
  const line = `${operationId} ${method} ${path} ${summary} ${tags}`.toLowerCase();
  return words.every((word) => line.includes(word));
}

// Swagger UI's own filter looks at groups and paths alone.
function onlyThose(groups, text) {
  const words = wordsOf(text);
  const those = (one) => holds(words, one.get("method"), one.get("path"), one.get("operation").toJS());
  return groups.map((group) => group.update("operations", (all) => all.filter(those)))
    .filter((group) => group.get("operations").size > 0);
}

// What is said of all operations is there when asked for, so that the first one is on the first screen.
const folded = (Info, { React }) => (props) =>
  React.createElement(
    "details",
    { className: "wrapper about" },
    React.createElement("summary", null, "About the API: sessions, errors, bodies, faults"),
    React.createElement(Info, props),
  );

const Page = () => ({
  components: { FilterContainer: () => null }, // the page has its own, with a label
  fn: { opsFilter: onlyThose },
  wrapComponents: { InfoContainer: folded },
});

function render(document_) {
  byId("reference").replaceChildren();
  const shown = window.SwaggerUIBundle({
    spec: document_,
    domNode: byId("reference"),
    deepLinking: true,
    displayOperationId: true,
    displayRequestDuration: true,
    filter: true,
    plugins: [Page],
    tryItOutEnabled: true,
    validatorUrl: null,
  });
  byId("filter").hidden = false;
  const all = Object.entries(document_.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [method, path, operation]));
  const filter = () => {
    const text = byId("filter-text").value;
    const found = all.filter((one) => holds(wordsOf(text), ...one)).length;
    shown.layoutActions.updateFilter(text.trim() || true);
    byId("found").textContent = found === all.length ? `${found} operations` : `${found} of ${all.length} operations`;
  };
  byId("filter-text").addEventListener("input", filter);
  filter();
}

async function start() {
  const [document_, { accounts }] = await Promise.all([call("openapi.json"), call("accounts")]);
  byId("buttons").replaceChildren(...accounts.map(accountButton));
  byId("accounts").hidden = accounts.length === 0;
  byId("sign-out").addEventListener("click", attempt(signOut));
  render(document_);
}

async function open() {
  try {
    await start();
    byId("token").hidden = true;
  } catch (error) {
    byId("token").hidden = error.status !== 401;
    tell(error.message);
  }
}

byId("token").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, byId("token-value").value);
  tell("");
  open();
});
open();
