// One task, opened: its fields, its steps, its end. Only what was changed here is sent.
import { html, useEffect, useState } from "../ui/vendor/htm-preact.js";
import { Dialog, Field, useKept } from "../ui/parts.js";
import { plain, Text } from "../ui/text.js";
import { Check } from "./list.js";
import { Form, Notice, OneLine } from "./pieces.js";
import { addTag, addTask, behind, changeTask, deleteTask, listSections } from "./state.js";
import { dayOf, dueAt, timeOf } from "./views.js";

const NONE = ["", "None"];
const PRIORITIES = [NONE, ["high", "High"], ["medium", "Medium"], ["low", "Low"]];
const PATTERNS = [["", "Never"], ["daily", "Daily"], ["weekly", "Weekly"], ["monthly", "Monthly"], ["yearly", "Yearly"]];

const valuesOf = (task) => ({
  title: task.title, notes: task.description ?? "", day: dayOf(task) ?? "", time: timeOf(task), priority: task.priority ?? "",
  project: task.projectId, section: task.projectSectionId ?? "", repeat: task.recurrenceRule?.pattern ?? "", tags: task.tags.map((tag) => tag.id),
});

function changesOf(old, now) {
  const changed = (...names) => names.some((name) => String(old[name]) !== String(now[name]));
  return {
    ...(changed("title") && { title: now.title.trim() }),
    ...(changed("notes") && { description: now.notes || null }),
    ...(changed("day", "time") && dueAt(now.day, now.time)),
    ...(changed("priority") && { priority: now.priority || null }),
    ...(changed("project") && { projectId: now.project }),
    ...(changed("project", "section") && { projectSectionId: now.section || null }),
    ...(changed("repeat") && { recurrenceRule: now.repeat ? { pattern: now.repeat } : null }),
    ...(changed("tags") && { tags: now.tags }),
  };
}

export function TaskSheet({ task, tags, projects, onClose }) {
  const [draft, setDraft] = useKept(task.id, null); // {old, now}, once something was changed: others may change it meanwhile
  const { old, now } = draft ?? { old: valuesOf(task), now: valuesOf(task) };
  const set = (values) => setDraft((kept) => ({ old: kept?.old ?? old, now: { ...(kept?.now ?? now), ...values } }));
  const [sections, setSections] = useState([]);
  const [sure, setSure] = useState(false);
  useEffect(() => void behind(() => listSections(now.project).then(setSections)), [now.project]);
  const end = (done) => done && (setDraft(null), onClose());
  const of = (name, more) => ({ id: `task-${name}`, value: now[name], onValue: (value) => set({ ...more, [name]: value }) });
  const toggle = (id) => set({ tags: now.tags.includes(id) ? now.tags.filter((one) => one !== id) : [...now.tags, id] });
  return html`<${Dialog} title="Task" onClose=${onClose}><${Notice} inDialog />
    <${Form} id="task" aria-label="Task" work=${() => changeTask(task, changesOf(old, now)).then(end)}>
      <${Field} label="Title" required maxlength="500" rows="2" ...${of("title")} />
      <${Field} label="Notes" rows="3" ...${of("notes")} />
      <div class="pair"><${Field} label="Due" type="date" ...${of("day")} /><${Field} label="At" type="time" ...${of("time")} disabled=${!now.day} />
      <${Field} label="Priority" options=${PRIORITIES} ...${of("priority")} /><${Field} label="Repeat" options=${PATTERNS} ...${of("repeat")} />
      <${Field} label="Project" options=${projects.map((one) => [one.id, one.name])} ...${of("project", { section: "" })} />
      ${sections.length > 0 && html`<${Field} label="Section" options=${[NONE, ...sections.map((one) => [one.id, one.name])]} ...${of("section")} />`}</div>
      <fieldset><legend>Tags</legend><div class="tags">${tags.map((tag) => html`<label key=${tag.id} class=${`tag ${tag.color}`}>
        <input type="checkbox" checked=${now.tags.includes(tag.id)} onChange=${() => toggle(tag.id)} /><${Text} of=${tag.name} /></label>`)}</div></fieldset><//>
    <${OneLine} label="New tag" work=${(name) => addTag(name).then((tag) => tag && (toggle(tag.id), true))} />
    ${task.parentId === null && html`<h3>Steps</h3><ul class="steps">${task.children.map((one) => html`<li key=${one.id} class=${one.completed ? "done" : ""}>
        <${Check} task=${one} /><${Text} of=${one.title} /><button type="button" class="small" aria-label=${plain(`Delete ${one.title}`)}
        onClick=${() => deleteTask(one)}>Delete</button></li>`)}</ul>
      <${OneLine} label="New step" work=${(title) => addTask({ title, parentId: task.id, projectId: task.projectId })} />`}
    <div class="actions"><button type="button" class=${sure ? "danger" : ""} onClick=${() => (sure ? deleteTask(task).then(end) : setSure(true))}>
      ${sure ? "Delete it for good" : "Delete"}</button><button type="button" onClick=${() => end(true)}>Cancel</button>
      <button form="task" class="primary">Save</button></div><//>`;
}
