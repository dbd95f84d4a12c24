// One task, opened: all its fields, its steps, its end. Only what was changed here is sent.

import { html, useEffect, useState } from "../ui/vendor/htm-preact.js";
import { Field, useKept } from "../ui/parts.js";
import { plain, Text } from "../ui/text.js";
import { Check } from "./list.js";
import { Sheet } from "./pieces.js";
import { Form } from "./sign.js";
import { addTag, addTask, attempt, changeTask, deleteTask, listSections } from "./state.js";
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
  const [old] = useKept(`old ${task.id}`, valuesOf(task)); // of when it was opened: others may change it meanwhile
  const [now, setNow] = useKept(`now ${task.id}`, old);
  const [sections, setSections] = useState([]);
  const [sure, setSure] = useState(false);
  useEffect(() => void attempt(() => listSections(now.project).then(setSections), { afresh: false }), [now.project]);
  const close = () => onClose(task.id);
  const saved = (done) => done && close();
  const of = (name, more = {}) => ({ id: `task-${name}`, value: now[name], onValue: (value) => setNow((all) => ({ ...all, ...more, [name]: value })) });
  const toggle = (id) => setNow((all) => ({ ...all, tags: all.tags.includes(id) ? all.tags.filter((one) => one !== id) : [...all.tags, id] }));
  return html`<${Sheet} title="Task" onClose=${close}>
    <${Form} aria-label="Task" action="Save" work=${() => changeTask(task, changesOf(old, now)).then(saved)}>
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
    <div class="actions"><button type="button" class="danger" onClick=${() => (sure ? deleteTask(task).then(saved) : setSure(true))}>
      ${sure ? "Delete it for good" : "Delete"}</button><button type="button" onClick=${() => (setNow(old), close())}>Cancel</button></div>
  <//>`;
}

/** A field and a button that make something; what was typed stays until that is there. */
export function OneLine({ label, work, children }) {
  const [text, setText] = useKept(label, "");
  const submit = async () => text.trim() && (await work(text.trim())) && setText("");
  return html`<${Form} class="line" aria-label=${label} action="Add" work=${submit}>
    <${Field} id=${label.replaceAll(" ", "-")} label=${label} maxlength="500" value=${text} onValue=${setText} />${children}<//>`;
}
