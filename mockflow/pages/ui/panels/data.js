// Everything that the sandbox stores, to look at and to search: projects as boards, tasks, tags, users.

import { html, useMemo, useState } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { Failure, Field, Tabs, useCall, useKept, useMore, useSettled } from "../parts.js";
import { useStore } from "../store.js";
import { Text, TimeOf } from "../text.js";
import { Board, Chips, Requests, Title } from "./board.js";

const VIEWS = { projects: Projects, tasks: Tasks, tags: Tags, users: Users };

export function Data() {
  const [view, setView] = useKept("view", "projects");
  const [text, setText] = useKept("data-search", "");
  const [data, error] = useData();
  const found = useMemo(() => data && search(data, text.trim().toLowerCase()), [data, text]);
  if (found === null) return html`<${Failure} of=${error} /><p class="dim">Loading …</p>`;
  const View = VIEWS[view];
  const tabs = [
    ["projects", "Projects", found.projects.length], ["tasks", "Tasks", found.tasks.length],
    ["tags", "Tags", found.tags.length], ["users", "Users", found.users.length],
  ];
  return html`
    <div class="toolbar">
      <${Field} id="data-search" label="Search" type="search" placeholder="title, name, e-mail, id" value=${text} onValue=${setText} />
      <${Tabs} label="Data" prefix="data" panel="data-panel" tabs=${tabs} chosen=${view} onChoose=${setView} class="inner" />
    </div>
    <${Failure} of=${error} />
    <div id="data-panel" role="tabpanel" aria-labelledby=${`data-${view}`} key=${view}><${View} data=${found} /></div>`;
}

function useData() {
  const writes = useStore((state) => state.writes);
  const [data, setData] = useState(null);
  const { error, run } = useCall();
  useSettled(() => run(async () => setData(arranged(await call("GET", "data")))), [writes]);
  return [data, error];
}

const byKey = (one, other) => (one.sortKey < other.sortKey ? -1 : one.sortKey > other.sortKey ? 1 : 0);

function arranged(document) {
  const list = (name) => Object.values(document[name] ?? {});
  const index = (records) => new Map(records.map((one) => [one.id, one]));
  const [users, projects, sections, tags, tasks] = ["users", "projects", "sections", "tags", "tasks"].map(list);
  tasks.sort(byKey);
  sections.sort(byKey);
  return {
    users, projects, sections, tags, tasks, all: tasks, workspaces: list("workspaces"),
    user: index(users), project: index(projects), tag: index(tags),
  };
}

// What holds a text: of the projects also those with such a task, and of a task's family all of it.
function search(data, wanted) {
  if (wanted === "") return { ...data, shown: data.tasks, wanted };
  const holds = (...texts) => texts.some((one) => one?.toLowerCase().includes(wanted));
  const tagged = (task) => task.tags.some((id) => holds(data.tag.get(id)?.name));
  const tasks = data.tasks.filter((one) => holds(one.title, one.description, one.id) || tagged(one));
  const families = new Set(tasks.map((one) => one.parentId ?? one.id));
  const places = new Set(tasks.map((one) => one.projectId));
  const projects = data.projects.filter((one) => places.has(one.id) || holds(one.name, one.slug, one.id));
  return {
    ...data, wanted, tasks, projects,
    shown: data.tasks.filter((one) => families.has(one.parentId ?? one.id)),
    tags: data.tags.filter((one) => holds(one.name, one.id)),
    users: data.users.filter((one) => holds(one.email, one.name, one.id)),
  };
}

function nameOf(project, data) {
  const owner = data.user.get(project.userId)?.email ?? "nobody";
  const workspace = data.workspaces.find((one) => one.id === project.workspaceId)?.name;
  return `${project.name} – ${workspace ?? owner}`;
}

const NONE = { projects: "No project.", tasks: "No task.", tags: "No tag.", users: "No user." };

function Nothing({ of: kind, wanted }) {
  if (wanted !== "") return html`<p class="nothing">Nothing here holds <code><${Text} of=${wanted} /></code>.</p>`;
  return html`<div class="nothing"><p>${NONE[kind]}</p>
    <p>Sign an account up (its code is in the <a href="#outbox">outbox</a>), let your client create something, or reset to
      <a href="#snapshots">another seed set</a>.</p></div>`;
}

// An Inbox at first: that is where tasks go.
function Projects({ data }) {
  const [chosen, setChosen] = useKept("project", "");
  const options = data.projects.map((one) => [one.id, nameOf(one, data)]);
  const named = (test) => data.projects.find(test);
  const project = named((one) => one.id === chosen) ?? named((one) => one.isDefault) ?? data.projects[0];
  if (!project) return html`<${Nothing} of="projects" wanted=${data.wanted} />`;
  const children = Map.groupBy(data.shown, (one) => one.parentId);
  return html`
    <div class="toolbar"><${Field} id="project" label="Project" options=${options} value=${project.id} onValue=${setChosen} /></div>
    <${Board} key=${project.id} project=${project} data=${{ ...data, children }} />`;
}

function Tasks({ data }) {
  const [some, more] = useMore(data.tasks, 100);
  if (data.tasks.length === 0) return html`<${Nothing} of="tasks" wanted=${data.wanted} />`;
  return html`<table class="data"><thead><tr><th scope="col" class="c-name">Task</th>
      <th scope="col" class="wide-only">Project</th>
      <th scope="col" class="wide-only">Owner</th>
      <th scope="col" class="c-requests"><span class="away">Requests</span></th></tr></thead>
      <tbody>${some.map((task) => html`<tr key=${task.id}>
        <th scope="row"><${Title} task=${task} /><${Chips} task=${task} data=${data} /></th>
        <td class="wide-only"><${Text} of=${data.project.get(task.projectId)?.name} class="clamp" /></td>
        <td class="wide-only"><${Text} of=${data.user.get(task.userId)?.email} /></td>
        <td class="end"><${Requests} task=${task} /></td></tr>`)}</tbody></table>${more}`;
}

function Tags({ data }) {
  const uses = useMemo(() => {
    const counted = new Map();
    for (const id of data.all.flatMap((task) => task.tags)) counted.set(id, (counted.get(id) ?? 0) + 1);
    return counted;
  }, [data]);
  const [some, more] = useMore(data.tags, 100);
  if (data.tags.length === 0) return html`<${Nothing} of="tags" wanted=${data.wanted} />`;
  return html`<table class="data"><thead><tr><th scope="col">Tag</th>
    <th scope="col">Color</th>
    <th scope="col" class="number">Tasks</th>
    <th scope="col">Owner</th></tr></thead>
    <tbody>${some.map((tag) => html`<tr key=${tag.id}><th scope="row"><${Text} of=${tag.name} /></th><td><${Text} of=${tag.color} /></td>
      <td class="number">${uses.get(tag.id) ?? 0}</td><td><${Text} of=${data.user.get(tag.userId)?.email} /></td></tr>`)}</tbody></table>${more}`;
}

function Users({ data }) {
  const [some, more] = useMore(data.users, 100);
  if (data.users.length === 0) return html`<${Nothing} of="users" wanted=${data.wanted} />`;
  return html`<table class="data"><thead><tr><th scope="col">E-mail</th>
    <th scope="col">Name</th>
    <th scope="col">Signs in with</th>
    <th scope="col" class="wide-only">Workspaces</th>
    <th scope="col" class="wide-only">Since</th></tr></thead>
    <tbody>${some.map((user) => html`<tr key=${user.id}><th scope="row"><${Text} of=${user.email} /></th><td><${Text} of=${user.name} /></td>
      <td>${[user.passwordHash && "password", user.provider].filter(Boolean).join(", ")}</td>
      <td class="wide-only"><${Text} of=${data.workspaces.filter((one) => one.memberIds.includes(user.id)).map((one) => one.name).join(", ")} /></td>
      <td class="wide-only dim"><${TimeOf} moment=${user.createdAt} whole=${true} /></td></tr>`)}</tbody></table>${more}`;
}
