// Which tasks a view shows, in groups: {key, title, tasks, gives}. `gives` is what makes a task one of the group; without
// it nothing can be moved there.

export const VIEWS = { today: "Today", upcoming: "Upcoming", all: "All", completed: "Completed", inbox: "Inbox" };
const DAY = new Intl.DateTimeFormat("sv", { year: "numeric", month: "2-digit", day: "2-digit" }); // YYYY-MM-DD
const TIME = new Intl.DateTimeFormat("sv", { hour: "2-digit", minute: "2-digit" }); // HH:MM

/** The day of a moment, where the person is. */
export const dayAt = (date) => DAY.format(date);
const later = (date, days) => dayAt(new Date(date.getFullYear(), date.getMonth(), date.getDate() + days));
export const dayOf = ({ dueTime, dueDate }) => (dueTime ? dayAt(new Date(dueTime)) : dueDate);
export const timeOf = ({ dueTime }) => (dueTime ? TIME.format(new Date(dueTime)) : "");

/** What to send so that a task is due then; "" is no day, no time. */
export function dueAt(day, time) {
  if (!day || !time) return { dueDate: day || null, dueTime: null, isAllDay: true };
  return { dueDate: day, dueTime: new Date(`${day}T${time}`).toISOString(), isAllDay: false };
}
const SHORT = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const LONG = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** A day for a person. */
export function dayName(day, now) {
  const near = { [later(now, -1)]: "Yesterday", [dayAt(now)]: "Today", [later(now, 1)]: "Tomorrow" }[day];
  return near ?? (day.slice(0, 4) === dayAt(now).slice(0, 4) ? SHORT : LONG).format(new Date(`${day}T00:00`));
}

/** The open tasks that a view counts. */
export function inView([name, id], open, inbox, now) {
  const [today, last] = [dayAt(now), later(now, 7)];
  const ids = new Set(open.map((task) => task.id));
  const top = (task) => !ids.has(task.parentId); // others are shown inside
  const wanted = {
    today: (task) => dayOf(task) !== null && dayOf(task) <= today,
    upcoming: (task) => dayOf(task) > today && dayOf(task) <= last,
    all: top,
    inbox: (task) => top(task) && task.projectId === inbox,
    tag: (task) => task.tags.some((tag) => tag.id === id),
  }[name];
  return wanted ? open.filter(wanted) : [];
}

/** The state as if the changes on their way had arrived. */
export function arrived({ pending, open, done, place, ...rest }) {
  const one = (task) => ({ ...task, ...pending.get(task.id), tags: task.tags, children: task.children.map(one) });
  const all = (tasks) => (pending.size > 0 ? tasks?.map(one) : tasks) ?? null;
  const inbox = rest.projects.find((project) => project.isDefault)?.id;
  return { ...rest, inbox, open: all(open), done: all(done), place: place && { ...place, todos: all(place.project.todos) } };
}

export function groupsOf({ view, open, done, place, hits, inbox }, now) {
  const tasks = inView(view, open, inbox, now);
  const today = dayAt(now);
  switch (view[0]) {
    case "today": return [
      { key: "overdue", title: "Overdue", tasks: tasks.filter((task) => dayOf(task) < today) },
      { key: "today", title: "Today", tasks: tasks.filter((task) => dayOf(task) === today), gives: { day: today } },
    ].filter((group) => group.gives || group.tasks.length > 0);
    case "upcoming": return [1, 2, 3, 4, 5, 6, 7].map((days) => later(now, days)).map((day) => (
      { key: day, title: dayName(day, now), tasks: tasks.filter((task) => dayOf(task) === day), gives: { day } }));
    case "completed": return byCompletion(done ?? [], now);
    case "project": return place ? bySection(place.todos, place.sections, open) : [];
    case "search": return [{ key: "hits", tasks: (hits?.todos ?? []).map((hit) => open.find((one) => one.id === hit.id) ?? { tags: [], children: [], ...hit }) }];
    default: return [{ key: "list", tasks, gives: {} }];
  }
}

function byCompletion(done, now) {
  const since = { Today: dayAt(now), Yesterday: later(now, -1), "This week": later(now, -((now.getDay() + 6) % 7)), Older: "" };
  const titleOf = ({ completedAt }) => Object.keys(since).find((title) => DAY.format(new Date(completedAt)) >= since[title]);
  const groups = Map.groupBy(done, titleOf);
  return Object.keys(since).filter((title) => groups.has(title)).map((title) => ({ key: title, title, tasks: groups.get(title) }));
}

// Of a shared project, tasks of others are there as well; what is not among one's own cannot be changed.
function bySection(todos, sections, open) {
  const mine = new Set(open.map((task) => task.id));
  const tasks = todos.filter((task) => task.parentId === null).map((task) => ({ ...task, foreign: !task.completed && !mine.has(task.id) }));
  const all = [{ id: null, name: sections.length > 0 ? "No section" : "" }, ...sections];
  return all.map(({ id, name }) => {
    const here = tasks.filter((task) => task.projectSectionId === id);
    return {
      key: id ?? "none", title: name, gives: { projectSectionId: id },
      tasks: [...here.filter((task) => !task.completed), ...here.filter((task) => task.completed)],
    };
  }).filter(({ key, tasks: some }) => key !== "none" || some.length > 0 || sections.length === 0);
}
