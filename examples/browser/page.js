import { Flowtask } from "./flowtask.js";

const api = new URLSearchParams(location.search).get("api") ?? "http://localhost:4747";
const flowtask = new Flowtask(api, (seconds) => say(`Trying again in ${seconds} s.`));
const knownIds = new Set();

onSubmit("sign-in", async ({ email, password }, form) => {
  await flowtask.signIn(email, password);
  form.reset();
  await showTasks();
});

onSubmit("request-code", async ({ email }) => {
  await flowtask.requestSignUpCode(email);
  element("sign-up").hidden = false;
  return `A code was sent to ${email}.`;
});

onSubmit("sign-up", async ({ code, password }) => {
  await flowtask.completeSignUp(element("request-code").elements.email.value, code, password);
  await showTasks();
});

onSubmit("add", async ({ title }, form) => {
  await flowtask.createTask({ title }, knownIds);
  form.reset();
  await showTasks();
});

attempt(async () => {
  if (await flowtask.isSignedIn()) await showTasks();
  else showSignIn();
});

async function showTasks() {
  const tasks = await flowtask.listTasks();
  tasks.forEach((task) => knownIds.add(task.id));
  element("tasks").replaceChildren(...tasks.map(toItem));
  element("signed-out").hidden = true;
  element("signed-in").hidden = false;
}

function toItem(task) {
  const item = document.createElement("li");
  item.textContent = task.title;
  return item;
}

function showSignIn() {
  element("signed-in").hidden = true;
  element("signed-out").hidden = false;
}

/** Calls `action` with the fields of a form that was sent. What was typed stays until it has arrived. */
function onSubmit(id, action) {
  element(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const { target: form, submitter: button } = event;
    button.disabled = true;
    await attempt(() => action(Object.fromEntries(new FormData(form)), form));
    button.disabled = false;
  });
}

/** Says what `action` returns, or why it failed. */
async function attempt(action) {
  say("");
  try {
    say((await action()) ?? "");
  } catch (error) {
    if (error.status === 401) showSignIn();
    say(error.status === 401 ? "Please sign in again." : error.message);
  }
}

function say(text) {
  element("message").textContent = text;
}

function element(id) {
  return document.getElementById(id);
}
