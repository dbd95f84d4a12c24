// A project as a board: its sections side by side, tasks as cards, subtasks in them.

import { html } from "../vendor/htm-preact.js";
import { useMore } from "../parts.js";
import { addressOf } from "../route.js";
import { plain, Text } from "../text.js";

const STEP = 40; // cards of a column
const MOST_CHIPS = 6;
const DEEPEST = 6;

export function Board({ project, data }) {
  const top = (data.children.get(null) ?? []).filter((task) => task.projectId === project.id);
  const sections = data.sections.filter((one) => one.projectId === project.id);
  const bySection = Map.groupBy(top, (task) => task.projectSectionId);
  const loose = bySection.get(null) ?? [];
  const columns = [
    ...(loose.length > 0 || sections.length === 0 ? [{ id: "none", name: "No section", tasks: loose }] : []),
    ...sections.map((one) => ({ ...one, tasks: bySection.get(one.id) ?? [] })),
  ];
  return html`<div class="board" tabindex="0" role="region" aria-label="Board">
    ${columns.map((column) => html`<${Column} key=${column.id} column=${column} data=${data} />`)}
  </div>`;
}

function Column({ column, data }) {
  const [some, more] = useMore(column.tasks, STEP);
  return html`<section class="column">
    <h3><${Text} of=${column.name} /> <span class="count">${column.tasks.length}</span></h3>
    ${column.tasks.length === 0
      ? html`<p class="dim">No task.</p>`
      : html`<ul>${some.map((task) => html`<${Card} key=${task.id} task=${task} data=${data} />`)}</ul>`}
    ${more}
  </section>`;
}

function Card({ task, data }) {
  return html`<li class="task">
    <div class="task-head"><${Title} task=${task} /><${Requests} task=${task} /></div>
    <${Chips} task=${task} data=${data} />
    <${Subtasks} of=${task} data=${data} depth=${1} />
  </li>`;
}

/** The way to the requests of the journal that name a task. */
export function Requests({ task }) {
  const address = addressOf({ filter: { text: task.id } });
  return html`<a class="journal" href=${address} aria-label=${`Requests about ${plain(task.title)}`} title="Requests about this task">requests</a>`;
}

/** What a task is called, and whether it is done. */
export function Title({ task }) {
  return html`<p class=${task.completed ? "title done" : "title"}>
    ${task.completed && html`<span class="away">Done: </span>`}<${Text} of=${task.title} class="clamp" /></p>`;
}

function Subtasks({ of: parent, data, depth }) {
  const [some, more] = useMore(data.children.get(parent.id) ?? [], STEP);
  if (some.length === 0 || depth > DEEPEST) return null;
  return html`<ul class="subtasks">${some.map((task) => html`<li key=${task.id}>
    <${Title} task=${task} /><${Subtasks} of=${task} data=${data} depth=${depth + 1} /></li>`)}</ul>${more}`;
}

/** What there is to know of a task in a few words: when it is due, its priority, its tags. */
export function Chips({ task, data }) {
  const tags = task.tags.map((id) => data.tag.get(id)?.name ?? id);
  const when = due(task);
  const rest = tags.length - MOST_CHIPS;
  if (!when && !task.priority && tags.length === 0) return null;
  return html`<p class="chips">
    ${when && html`<span>${when}</span>`}
    ${task.priority && html`<span class=${`priority ${task.priority}`}><${Text} of=${task.priority} /></span>`}
    ${tags.slice(0, MOST_CHIPS).map((name, at) => html`<span class="tag" key=${at}><${Text} of=${name} /></span>`)}
    ${rest > 0 && html`<span>${rest} more</span>`}
  </p>`;
}

// The day, and the time of day where a task has one.
function due({ dueDate, dueTime }) {
  if (!dueTime) return dueDate ?? "";
  return `${dueTime.slice(0, 10)} ${dueTime.slice(11, 16)} UTC`;
}
