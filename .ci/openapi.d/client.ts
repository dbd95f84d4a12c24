// What a stranger does with the types that were generated into `api.d.ts`.

import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { env: Record<string, string | undefined> };

function need<T>(value: T | undefined, what: unknown): T {
  if (value === undefined) throw new Error(JSON.stringify(what));
  return value;
}

const client = createClient<paths>({
  baseUrl: need(process.env.MOCKFLOW_URL, "MOCKFLOW_URL"),
  querySerializer: { array: { style: "form", explode: false } }, // lists with commas
});

const signedIn = await client.POST("/api/v1/user/signin", {
  body: { email: "demo@flowtask.test", password: "Passw0rd!" },
});
need(signedIn.data, signedIn.error);
const cookie = need(signedIn.response.headers.get("set-cookie")?.split(";")[0], "a cookie");
client.use({
  onRequest({ request }) {
    request.headers.set("Cookie", cookie); // a browser does this by itself with `credentials: "include"`
    return request;
  },
});

const tags = await Promise.all(
  ["from TypeScript", "typed"].map(async (name) => {
    const made = await client.POST("/api/v2/tag", { body: { name, color: "blue" } });
    return need(made.data, made.error).tag.id;
  }),
);
const created = await client.POST("/api/v2/todo", {
  body: { title: "Made in TypeScript", priority: "high", tags, recurrenceRule: { pattern: "daily", interval: 2 } },
});
const todo: components["schemas"]["TaskAlone"] = need(created.data, created.error).todo;

const listed = await client.GET("/api/v2/todo", { params: { query: { tagIds: tags, completed: false } } });
const titles = need(listed.data, listed.error).todos.map((task) => task.title);
if (titles.join() !== "Made in TypeScript") throw new Error(`listed ${titles}`);

const done = await client.PATCH("/api/v2/todo/{task_id}", {
  params: { path: { task_id: todo.id } },
  body: { completed: true },
});
if (!need(done.data, done.error).todo.completed) throw new Error("not completed");

const refused = await client.POST("/api/v2/todo", { body: { title: " " } });
if (refused.data) throw new Error("a blank title was taken");
if (refused.response.status !== 400) throw new Error(`status ${refused.response.status}`);
const errors = "errors" in refused.error ? refused.error.errors : [];
if (errors[0]?.path[0] !== "title") throw new Error(JSON.stringify(refused.error));
console.log("The TypeScript client signed in, made, listed and completed a task.");
