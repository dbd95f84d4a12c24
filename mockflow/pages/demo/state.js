// What the page knows and does. What can be done is exported here; each tells in words what went wrong.
import { API } from "../ui/api.js"; // where this page comes from; nothing of it is called
import { announce } from "../ui/actions.js";
import { read, update } from "../ui/store.js";
import { Failure, Flowtask } from "./flowtask.js";

export const flowtask = new Flowtask(API.href.slice(0, -1), {
  onWait(wait) {
    update(({ waits }) => ({ waits: [...waits, wait] }));
    return () => update(({ waits }) => ({ waits: waits.filter((one) => one !== wait) }));
  },
  onSignedOut: () => signedInAgain(),
});
const others = new BroadcastChannel(`flowtask ${API.pathname}`); // other tabs of this browser
others.onmessage = () => look();

// `again`: {go, stop} while calls wait for the next session; `open`, `done`: tasks; `place`: {project, sections}.
const NOBODY = { email: null, again: null, sheet: null, user: null, projects: [], tags: [], open: null, done: null, place: null, hits: null };
update({
  ...NOBODY,
  ready: false, // whether it is known who is signed in
  pending: new Map(), // by task, changes that are on their way: shown as if they had arrived
  waits: [], // {until, why, stop} of each call that waits to be tried again
  working: 0,
  trouble: null, // what went wrong, in words
  view: ["today", ""],
});

/** Gives what `work` gives, or true; nothing where it failed, which is told. */
export async function attempt(work, { afresh = true } = {}) {
  update(({ working, trouble }) => ({ working: working + 1, trouble: afresh ? null : trouble }));
  try {
    return (await work()) ?? true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    update({ trouble: words(error) });
  } finally {
    update(({ working }) => ({ working: working - 1 }));
  }
}

export const behind = (work) => attempt(work, { afresh: false }); // what went wrong before is still to be read
function words(error) {
  if (error.status === 401 && read().email !== null) return "Flowtask does not take the session, though you have just signed in.";
  const told = error.offences.map(({ path, message }) => `${path.join(".")}: ${message}`);
  return [error.message, ...told.filter((one) => !one.endsWith(error.message))].join(" ");
}

// --- who is here
/** Find out who is signed in, and load what is theirs. */
export async function begin() {
  const found = await attempt(async () => ({ email: await flowtask.whoIsIt() }));
  update({ ready: true });
  if (found && found.email !== null) await enter(found.email);
}

export async function enter(email) {
  update({ email });
  others.postMessage("signed in");
  await behind(loadAll);
}

export const leave = () => (read().again?.stop(), update(NOBODY));
export const signOut = async () => (await attempt(() => flowtask.signOut())) && leave();

let next = null; // all calls that find the session over wait for the same sign-in
function signedInAgain() {
  next ??= new Promise((go, refuse) => {
    update({ again: { go, stop: () => refuse(new Failure("stopped", "You are signed out.")) } });
  }).finally(() => (next = null, update({ again: null })));
  return next;
}

/** Come back to the page: somebody may have signed in or changed something elsewhere. */
export async function look() {
  const { again, email, working } = read();
  if (again) {
    const found = await flowtask.whoIsIt().catch(() => null);
    if (found === email) again.go();
    else if (found !== null) leave(), begin();
  } else if (email !== null && working === 0 && document.visibilityState === "visible") {
    await behind(loadAll);
  }
}

// --- reading
const listing = (path, name, key = name) => async () => {
  const { email } = read();
  const found = (await flowtask.read(path))[name];
  if (read().email === email) update({ [key]: found }); // else it is another person's
  return found;
};
const listOpen = listing("v2/todo?completed=false", "todos", "open");
const listProjects = listing("v2/projects", "projects");
const listTags = listing("v2/tag", "tags");
const loadUser = listing("v1/user/profile", "user");
export const listSections = async (projectId) => (await flowtask.read(`v2/projects/${projectId}/sections`)).sections;
const loadAll = () => Promise.all([loadUser(), listProjects(), listTags(), listOpen(), loadMore()]);
const loadTasks = () => Promise.all([listOpen(), loadMore()]);

// What the view shows beside the open tasks; forgotten where another one has been chosen meanwhile.
async function loadMore() {
  const { view } = read();
  const found = await BESIDE[view[0]]?.(view[1]);
  if (found && read().view === view) update(found);
}

const BESIDE = {
  completed: async () => ({ done: (await flowtask.read("v2/todo?completed=true")).todos }),
  search: async (q) => ({ hits: await flowtask.read(`v2/todo/search?q=${encodeURIComponent(q)}`) }),
  project: (id) => Promise.all([flowtask.read(`v2/projects/${id}`), listSections(id)])
    .then(([{ project }, sections]) => ({ place: { project, sections } })),
};

export function show(view) {
  update({ view, place: null, hits: null, trouble: null });
  if (read().email !== null && BESIDE[view[0]]) behind(loadMore);
}

// --- changing
async function changing(work, said, reload = loadTasks) {
  const done = await attempt(work);
  if (done === undefined) return;
  announce(said);
  await behind(reload); // not in the same attempt: it would look as if the change had failed
  others.postMessage("changed");
  return done;
}

const nothing = async () => {};
export const addTask = (draft) => changing(() => flowtask.make("v2/todo", draft, listOpen), `Added ${draft.title}`, loadMore);
export const addTag = (name) => changing(() => flowtask.make("v2/tag", { name }, listTags, (tag) => `v2/tag/bulk?tagIds=${tag.id}`), `Added ${name}`, nothing);
export const addProject = (name) => changing(() => flowtask.make("v2/projects", { name, personal: true }, listProjects), `Added ${name}`, nothing);
export const addSection = (id, name) =>
  changing(() => flowtask.make(`v2/projects/${id}/sections`, { name }, () => listSections(id)), `Added ${name}`, loadMore);
export const deleteTask = ({ id, title }) => changing(() => flowtask.remove(`v2/todo/${id}`), `Deleted ${title}`);
export const setViewMode = ({ id }, viewMode) => changing(
  () => flowtask.change("PUT", `v2/projects/${id}`, { taskDisplayPreferences: { viewMode } }), `Shown as a ${viewMode}`, loadMore);
const patch = (task, changes) => flowtask.change("PATCH", `v2/todo/${task.id}`, changes);

/** Change some fields of a task. On the page that is so at once, and is taken back where it fails. */
export async function changeTask(task, changes, said = `Changed ${task.title}`) {
  update(({ pending }) => ({ pending: new Map(pending).set(task.id, changes) }));
  const done = await changing(() => patch(task, changes), said);
  update(({ pending }) => ({ pending: new Map([...pending].filter(([id]) => id !== task.id)) }));
  return done;
}

/**
 * Put a task before the one at a place of a list, with the changes that make it one of that list. Tasks of different days
 * may have the same key: those that are to come after it, and would not, are moved on as well.
 */
export const moveTask = (task, list, at, changes) => changing(async () => {
  const order = list.toSpliced(at, 0, task);
  let last = list[at - 1]?.sortKey ?? null;
  for (const [number, one] of order.entries()) {
    if (number < at || (number > at && one.sortKey > last)) continue;
    const later = order.slice(number + 1).map((other) => other.sortKey).find((key) => last === null || key > last) ?? null;
    const between = last === null && later === null ? {} : { prevIndex: last, nextIndex: later };
    last = (await patch(one, { ...(number === at ? changes : {}), ...between })).todo.sortKey;
  }
}, `Moved ${task.title}`);

export function saveProfile(name, image) {
  const form = new FormData();
  form.append("name", name);
  if (image) form.append("image", image);
  return changing(() => flowtask.change("POST", "v1/user/profile", form), "Saved", loadUser);
}
