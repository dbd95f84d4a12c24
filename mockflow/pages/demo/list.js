// Tasks in groups, as lists or as a board; moved by dragging, or with Alt and the arrow keys.
import { html, useState } from "../ui/vendor/htm-preact.js";
import { useMore } from "../ui/parts.js";
import { update } from "../ui/store.js";
import { plain, Text } from "../ui/text.js";
import { Icon } from "./pieces.js";
import { changeTask, moveTask } from "./state.js";
import { dayAt, dayName, dayOf, dueAt, timeOf } from "./views.js";

let dragged = null; // the task that is being dragged
const keepFocus = () => document.activeElement === document.body && document.getElementById("view")?.focus(); // the task is gone
const movable = (tasks) => tasks.filter((task) => !task.completed && !task.foreign);

export function Groups({ groups, board, now, projects }) {
  const place = async (task, { gives: { day, ...changes }, tasks }, at) => {
    const due = day && day !== dayOf(task) ? dueAt(day, timeOf(task)) : {};
    await moveTask(task, movable(tasks).filter((one) => one.id !== task.id), at, { ...changes, ...due });
    document.getElementById(`task-${task.id}`)?.focus();
  };
  const step = (task, group, key) => {
    const at = movable(group.tasks).indexOf(task) + { ArrowUp: -1, ArrowDown: 1 }[key];
    if (group.gives && at >= 0 && at < movable(group.tasks).length) place(task, group, at);
    const other = groups[groups.indexOf(group) + { ArrowLeft: -1, ArrowRight: 1 }[key]];
    if (other?.gives) place(task, other, movable(other.tasks).length);
  };
  return html`<div ...${board ? { class: "board", tabindex: 0, role: "region", "aria-label": "Board" } : {}}>${groups.map((group) => html`
    <${Group} key=${group.key} group=${group} now=${now} projects=${projects} place=${place} step=${step} />`)}</div>`;
}

function Group({ group, now, projects, place, step }) {
  const [some, more] = useMore(group.tasks, 50);
  const [over, setOver] = useState(null); // the id of the task that would be below; "" at the end
  const dragOver = (event) => {
    if (dragged === null || !group.gives) return;
    event.preventDefault();
    const rows = [...event.currentTarget.querySelectorAll("[draggable=true]")].filter((row) => row.dataset.id !== dragged.id);
    setOver(rows.find((row) => event.clientY < row.getBoundingClientRect().top + row.offsetHeight / 2)?.dataset.id ?? "");
  };
  const drop = (event) => {
    event.preventDefault();
    const list = movable(group.tasks).filter((one) => one.id !== dragged.id);
    place(dragged, group, over ? list.findIndex((one) => one.id === over) : list.length);
    setOver(null);
  };
  return html`<section class=${`group ${group.key}`} onDragOver=${dragOver} onDrop=${drop} onDragLeave=${() => setOver(null)}>
    ${group.title && html`<h3><${Text} of=${group.title} /> <span class="count">${group.tasks.length}</span></h3>`}
    <ul class=${over === "" ? "end" : ""}>${some.map((task) => html`<${Row} key=${task.id} task=${task} now=${now} projects=${projects}
      over=${over === task.id} onKey=${group.gives || group.key === "overdue" ? (key) => step(task, group, key) : null} />`)}</ul>${more}
  </section>`;
}

export function Check({ task }) {
  return html`<input type="checkbox" class=${`check ${task.priority}`} checked=${task.completed} disabled=${task.foreign}
    aria-label=${plain(`Done: ${task.title}`)} onChange=${({ currentTarget }) => changeTask(task, { completed: currentTarget.checked },
      `${currentTarget.checked ? "Completed" : "Reopened"} ${task.title}`).then(keepFocus)} />`;
}

function Row({ task, now, projects, over, onKey }) {
  const moves = onKey !== null && movable([task]).length > 0;
  const key = (event) => {
    if (!event.altKey || !event.key.startsWith("Arrow") || !moves) return;
    event.preventDefault();
    onKey(event.key);
  };
  return html`<li class=${`row ${over ? "over" : ""} ${task.completed ? "done" : ""}`} data-id=${task.id} draggable=${moves}
    onDragStart=${(event) => ((dragged = task), event.dataTransfer.setData("text/plain", task.title))} onDragEnd=${() => (dragged = null)}
    style=${{ "--stripe": task.color ?? "transparent" }}>
    <${Check} task=${task} />
    <div><button type="button" class="title" id=${`task-${task.id}`} onClick=${() => update({ sheet: { task: task.id }, trouble: null })} onKeyDown=${key} disabled=${task.foreign}
      aria-keyshortcuts=${moves ? "Alt+ArrowUp Alt+ArrowDown" : undefined}><${Text} of=${task.title} /></button>
      <${Chips} task=${task} now=${now} project=${projects.find((one) => one.id === task.projectId)} /></div>
  </li>`;
}

function Chips({ task, now, project }) {
  const day = dayOf(task);
  const late = day !== null && day < dayAt(now) && !task.completed;
  const rest = task.tags.length - 5;
  return html`<p class="chips">
    ${day && html`<span class=${late ? "late" : ""}>${dayName(day, now)} ${timeOf(task)}</span>`}
    ${task.recurrenceRule && html`<span><${Icon} of="repeat" /> ${task.recurrenceRule.pattern}</span>`}
    ${task.children?.length > 0 && html`<span>${task.children.filter((one) => one.completed).length} of ${task.children.length} steps</span>`}
    ${task.foreign && html`<span>somebody else’s</span>`}
    ${project && !project.isDefault && html`<span class="of"><${Text} of=${project.name} /></span>`}
    ${task.tags.slice(0, 5).map((tag) => html`<span key=${tag.id} class=${`tag ${tag.color}`}><${Text} of=${tag.name} /></span>`)}
    ${rest > 0 && html`<span>and ${rest} tags more</span>`}
  </p>`;
}
