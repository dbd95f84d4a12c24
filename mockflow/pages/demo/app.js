// The page: who is not signed in stands at the door; who is has a list of views, and one of them.
import { html, render, useEffect, useState } from "../ui/vendor/htm-preact.js";
import { SANDBOX } from "../ui/api.js";
import { Dialog, Field, useKept } from "../ui/parts.js";
import { read, update, useStore } from "../ui/store.js";
import { plain, Text } from "../ui/text.js";
import { Groups } from "./list.js";
import { Form, Icon, Notice, OneLine } from "./pieces.js";
import { Again, Door } from "./sign.js";
import { addProject, addSection, addTask, begin, flowtask, look, saveProfile, setViewMode, show, signOut } from "./state.js";
import { TaskSheet } from "./task.js";
import { arrived, dayAt, dueAt, groupsOf, inView, VIEWS } from "./views.js";

const FULL = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
function viewInHash() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  const id = new URLSearchParams(`id=${rest.join("/")}`).get("id");
  return Object.hasOwn(VIEWS, name) || (id && ["project", "tag", "search"].includes(name)) ? [name, id] : ["today", ""];
}

function App() {
  const state = arrived(useStore((all) => all));
  const { email, ready, again, sheet, announced, working } = state;
  if (!ready) return html`<p class="wait">Flowtask …</p><${Notice} />`;
  return html`${email === null ? html`<${Door} />` : html`<${Shell} state=${state} />`}
    ${again ? html`<${Again} email=${email} again=${again} />` : sheet && html`<${Opened} state=${state} />`}
    <div class="progress" hidden=${working === 0}></div><p class="away" role="status">${plain(announced)}</p>`;
}

function Shell({ state }) {
  const { view, open, projects, tags, place, user, email, working, inbox } = state;
  const [menu, setMenu] = useState(false);
  useEffect(() => void (menu && document.querySelector(".side a").focus()), [menu]);
  const now = flowtask.now;
  const [name, id] = view;
  const title = VIEWS[name] ?? { project: projects.find((one) => one.id === id)?.name, tag: tags.find((one) => one.id === id)?.name,
    search: `“${id}”` }[name] ?? "…";
  const link = (to, icon, text, count) => html`<li><a href=${`#${to}`} aria-current=${to === view.filter(Boolean).join("/") ? "page" : undefined}>
    ${icon}<${Text} of=${text} />${count ? html`<span class="count">${count}</span>` : ""}</a></li>`;
  const count = (which) => inView([which, ""], open ?? [], inbox, now).length;
  const board = place?.project.taskDisplayPreferences?.viewMode === "board";
  return html`<div class=${menu ? "shell menu" : "shell"} onKeyDown=${({ key }) => key === "Escape" && setMenu(false)}
    onClick=${({ target }) => target.closest(".side a, .shade") && setMenu(false)}>
    <aside class="side" aria-label="Flowtask"><p class="top"><${Icon} of="logo" />Flowtask</p>
      <${Search} q=${name === "search" ? id : ""} />
      <nav aria-label="Views"><ul>${Object.entries(VIEWS).map(([key, text]) => link(key, html`<${Icon} of=${key} />`, text, key !== "completed" && count(key)))}</ul>
        <h2>Projects</h2><ul>${projects.filter((one) => !one.isDefault).map((one) => link(`project/${one.id}`, html`<${Icon} of="project" />`, one.name))}</ul>
        <${OneLine} label="New project" work=${addProject} />
        ${tags.length > 0 && html`<h2>Tags</h2>`}<ul>${tags.map((tag) => link(`tag/${tag.id}`, html`<i class=${`dot ${tag.color}`}></i>`, tag.name, tag._count.todos))}</ul></nav>
      <p class="place">Sandbox <code>${SANDBOX}</code>${window === parent && html` · <a href="split.html">beside the console</a>`}</p></aside><div class="shade"></div>
    <main aria-busy=${String(working > 0)} aria-labelledby="view"><h1 class="away">Flowtask</h1>
      <div class="head"><button type="button" class="open" aria-expanded=${String(menu)} aria-label="Views" onClick=${() => setMenu(!menu)}><${Icon} of="menu" /></button>
        <div class="name"><h2 id="view" tabindex="-1"><${Text} of=${title} /></h2><p class="dim">${FULL.format(now)}</p></div>
        ${name === "project" && place && html`<button type="button" aria-pressed=${String(board)} onClick=${() => setViewMode(place.project, board ? "list" : "board")}>
          <${Icon} of="board" /> Board</button>`}
        <button type="button" class="me" aria-label="Profile" onClick=${() => update({ sheet: { profile: true }, trouble: null })}><${Face} user=${user} email=${email} /></button></div>
      <${Notice} />
      ${!["search", "completed"].includes(name) && html`<${QuickAdd} key=${view.join()} view=${view} now=${now} />`}
      ${open === null ? html`<p class="nothing">${working > 0 ? "Loading …" : "Nothing could be loaded."}</p>` : html`<${Found} state=${state} now=${now} board=${board} />`}
      ${name === "project" && place && html`<${OneLine} label="New section" work=${(text) => addSection(id, text)} />`}
    </main></div>`;
}

function Found({ state, now, board }) {
  const { hits, view, place, done } = state;
  if ({ search: hits, completed: done, project: place }[view[0]] === null) return html`<p class="nothing">Loading …</p>`;
  const groups = groupsOf(state, now);
  return html`${[...(hits?.projects ?? []).map((one) => [`project/${one.id}`, one.name]), ...(hits?.tags ?? []).map((one) => [`tag/${one.id}`, one.name])]
    .map(([to, text]) => html`<a class="hit" key=${to} href=${`#${to}`}><${Text} of=${text} /></a>`)}
    <${Groups} groups=${groups} board=${board} now=${now} projects=${view[0] === "project" ? [] : state.projects} />
    ${groups.every((one) => one.tasks.length === 0) && html`<p class="nothing">${view[0] === "search" ? "Nothing found." : "Nothing to do here. Enjoy the day."}</p>`}`;
}

function Search({ q }) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  const submit = async () => (location.hash = text.trim() ? `search/${encodeURIComponent(text.trim())}` : "today");
  return html`<${Form} role="search" action="Search" work=${submit}><${Field} id="search" label="Search" type="search" placeholder="Search" value=${text} onValue=${setText} /><//>`;
}

function QuickAdd({ view: [name, id], now }) {
  const [day, setDay] = useKept(`day ${name}`, name === "today" ? dayAt(now) : name === "upcoming" ? dayAt(new Date(now.getTime() + 864e5)) : "");
  const draft = { ...(day && dueAt(day, "")), ...(name === "project" && { projectId: id }), ...(name === "tag" && { tags: [id] }) };
  return html`<div class="quick"><${OneLine} label="New task" work=${(title) => addTask({ title, ...draft })}>
    <${Field} id="quick-day" label="Due" type="date" value=${day} onValue=${setDay} /><//></div>`;
}

const Face = ({ user, email }) => (user?.image ? html`<img src=${user.image} alt="" width="32" height="32" />`
  : html`<span class="face" aria-hidden="true">${plain((user?.name ?? email)[0].toUpperCase())}</span>`);

function Opened({ state: { sheet, open, done, place, hits, tags, projects, user, email } }) {
  const close = () => {
    update({ sheet: null, trouble: null });
    document.getElementById(`task-${sheet.task}`)?.focus();
  };
  if (sheet.profile) return html`<${Profile} user=${user} email=${email} onClose=${close} />`;
  const task = [open, place?.todos, done].flatMap((list) => list ?? []).find((one) => one.id === sheet.task);
  return task && html`<${TaskSheet} key=${task.id} task=${task} tags=${tags} projects=${projects} onClose=${close} />`;
}

function Profile({ user, email, onClose }) {
  const [name, setName] = useKept("name", user?.name ?? "");
  const save = (form) => saveProfile(name.trim(), form.elements.image.files[0]).then((done) => done && onClose());
  return html`<${Dialog} title="Profile" onClose=${onClose}><${Notice} inDialog />
    <p class="who"><${Face} user=${user} email=${email} /> <${Text} of=${email} /></p>
    <${Form} id="profile" aria-label="Profile" work=${save}>
      <${Field} id="profile-name" label="Name" required maxlength="255" value=${name} onValue=${setName} />
      <${Field} id="image" label="Picture" hint="JPEG or PNG, at most 5 MB" type="file" accept="image/jpeg,image/png" onValue=${() => {}} /><//>
    <div class="actions"><button type="button" onClick=${() => (onClose(), signOut())}>Sign out</button>
      <button type="button" onClick=${onClose}>Close</button><button form="profile" class="primary">Save</button></div><//>`;
}

addEventListener("hashchange", () => show(viewInHash()));
addEventListener("focus", () => read().again && look());
document.addEventListener("visibilitychange", look);
document.title = SANDBOX === "default" ? "Flowtask" : `Flowtask – ${SANDBOX}`;
show(viewInHash());
document.getElementById("app").replaceChildren();
render(html`<${App} />`, document.getElementById("app"));
begin();
