// Everything that the sandbox stores, to look at: projects as boards, tasks, tags, users.

import { html, useEffect, useMemo, useRef, useState } from "../vendor/htm-preact.js";
import { call } from "../api.js";
import { Failure, Field, Tabs, useCall, useKept, useMore } from "../parts.js";
import { useStore } from "../store.js";
import { Text, TimeOf } from "../text.js";
import { Board, Chips, Title } from "./board.js";

const SETTLE_MS = 400; // writes come in bursts
const VIEWS = { projects: Projects, tasks: Tasks, tags: Tags, users: Users };

export function Data() {
  const [view, setView] = useKept("view", "projects");
  const [data, error] = useData();
  if (data === null) return html`<${Failure} of=${error} /><p class="dim">Loading …</p>`;
  const View = VIEWS[view];
  const tabs = [
    ["projects", "Projects", data.projects.length], ["tasks", "Tasks", data.tasks.length],
    ["tags", "Tags", data.tags.length], ["users", "Users", data.users.length],
  ];
  return html`
    <${Tabs} label="Data" prefix="data" panel="data-panel" tabs=${tabs} chosen=${view} onChoose=${setView} class="inner" />
    <${Failure} of=${error} />
    <div id="data-panel" role="tabpanel" aria-labelledby=${`data-${view}`} key=${view}><${View} data=${data} /></div>`;
}

// Loaded when the panel is opened, and again after writes: once for a burst of them, and for many without an end,
// ever again, but so that the server has three quarters of its time for others.
function useData() {
  const writes = useStore((state) => state.writes);
  const [data, setData] = useState(null);
  const { error, run } = useCall();
  const loading = useRef({ done: 0, due: null, pause: 0 });
  useEffect(() => {
    loading.current.due ??= setTimeout(async () => {
      const began = performance.now();
      loading.current.due = null;
      await loading.current.done;
      loading.current.done = run(async () => setData(arranged(await call("GET", "data"))));
      await loading.current.done;
      loading.current.pause = Math.max(SETTLE_MS, 3 * (performance.now() - began));
    }, loading.current.pause);
  }, [writes]);
  useEffect(() => () => clearTimeout(loading.current.due), []);
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
    users, projects, sections, tags, tasks, workspaces: list("workspaces"),
    user: index(users), project: index(projects), tag: index(tags), children: Map.groupBy(tasks, (one) => one.parentId),
  };
}

function nameOf(project, data) {
  const owner = data.user.get(project.userId)?.email ?? "nobody";
  const workspace = data.workspaces.find((one) => one.id === project.workspaceId)?.name;
  return `${project.name} – ${workspace ?? owner}`;
}

function Projects({ data }) {
  const [chosen, setChosen] = useKept("project", "");
  const options = data.projects.map((one) => [one.id, nameOf(one, data)]);
  const withSections = data.projects.find((one) => data.sections.some((section) => section.projectId === one.id));
  const project = data.project.get(chosen) ?? withSections ?? data.projects[0];
  if (!project) return html`<p class="nothing">No project.</p>`;
  return html`
    <div class="toolbar"><${Field} id="project" label="Project" options=${options} value=${project.id} onValue=${setChosen} /></div>
    <${Board} key=${project.id} project=${project} data=${data} />`;
}

function Tasks({ data }) {
  const [text, setText] = useKept("task-filter", "");
  const found = useMemo(() => {
    const wanted = text.toLowerCase();
    return data.tasks.filter((one) => `${one.title} ${one.id} ${one.description ?? ""}`.toLowerCase().includes(wanted));
  }, [data, text]);
  const [some, more] = useMore(found, 100);
  return html`
    <div class="toolbar"><${Field} id="task-filter" label="Filter" type="search" value=${text} onValue=${setText} />
      <p class="tally">${found.length} of ${data.tasks.length}</p></div>
    <table class="data"><thead><tr><th scope="col" class="c-name">Task</th>
      <th scope="col" class="wide-only">Project</th>
      <th scope="col" class="wide-only">Owner</th></tr></thead>
      <tbody>${some.map((task) => html`<tr key=${task.id}>
        <th scope="row"><${Title} task=${task} /><${Chips} task=${task} data=${data} /></th>
        <td class="wide-only"><${Text} of=${data.project.get(task.projectId)?.name} class="clamp" /></td>
        <td class="wide-only"><${Text} of=${data.user.get(task.userId)?.email} /></td></tr>`)}</tbody></table>${more}`;
}

function Tags({ data }) {
  const uses = useMemo(() => {
    const counted = new Map();
    for (const id of data.tasks.flatMap((task) => task.tags)) counted.set(id, (counted.get(id) ?? 0) + 1);
    return counted;
  }, [data]);
  const [some, more] = useMore(data.tags, 100);
  if (data.tags.length === 0) return html`<p class="nothing">No tag.</p>`;
  return html`<table class="data"><thead><tr><th scope="col">Tag</th>
    <th scope="col">Color</th>
    <th scope="col" class="number">Tasks</th>
    <th scope="col">Owner</th></tr></thead>
    <tbody>${some.map((tag) => html`<tr key=${tag.id}><th scope="row"><${Text} of=${tag.name} /></th><td><${Text} of=${tag.color} /></td>
      <td class="number">${uses.get(tag.id) ?? 0}</td><td><${Text} of=${data.user.get(tag.userId)?.email} /></td></tr>`)}</tbody></table>${more}`;
}

function Users({ data }) {
  const [some, more] = useMore(data.users, 100);
  if (data.users.length === 0) return html`<p class="nothing">No user.</p>`;
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
