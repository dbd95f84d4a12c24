// A request from the journal as a curl command, and as a test with mockflow's pytest plugin or its handle for JavaScript.

import { BASE } from "./api.js";
import { escaped } from "./text.js";

// What a client adds by itself, and what the journal does not keep.
const OWN = new Set(["host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding", "cookie"]);
/** What the journal has in the place of a secret. */
export const REMOVED = "[removed]";

/** How to ask for a code to sign up with. */
export const SIGN_UP = `curl -H 'Content-Type: application/json' -d '{"email": "new@example.com"}' ${BASE}/api/v1/user/signup/send-otp`;

// --- curl

const PRINTABLE = /^(?:[\n\t]|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u;

/** One word for a shell, whatever it holds; what cannot be seen is written in octal, which takes bash, zsh or ksh. */
export function quoted(word) {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (PRINTABLE.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${[...word].map(ansi).join("")}'`;
}

function ansi(letter) {
  if (letter === "'" || letter === "\\") return `\\${letter}`;
  if (PRINTABLE.test(letter)) return letter;
  return [...new TextEncoder().encode(letter)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** The address with the path's percent-encoding put back; the journal resolved all of it but an escaped slash. */
export function address({ path, query }) {
  const encoded = path.split("/").map((part) => encodeURIComponent(part.toWellFormed()).replaceAll("%252F", "%2F")).join("/");
  return `${BASE}${encoded}${query && `?${query}`}`;
}

/** A curl command that sends this again; with `cookie`, in a session. */
export function asCurl(entry, cookie = null) {
  const words = ["curl"];
  if (entry.method === "HEAD") words.push("--head");
  else if (entry.method !== "GET" || entry.request.bodySize > 0) words.push("-X", quoted(entry.method));
  for (const header of sentHeaders(entry)) words.push("-H", quoted(header));
  if (hadCookie(entry)) words.push("-b", quoted(cookie ?? "connect.sid=SESSION"));
  const body = bodyOf(entry);
  if (body !== null && !typeOf(entry.request)) words.push("-H", "Content-Type:"); // else curl makes it a form
  if (body !== null) words.push("--data-raw", quoted(body));
  const url = address(entry);
  if (/[[\]{}]/.test(url)) words.push("-g");
  if (/\/\.\.?(\/|$)/.test(entry.path)) words.push("--path-as-is");
  words.push(quoted(url));
  return inLines(words) + notes(entry, cookie, "#");
}

const hadCookie = (entry) => Object.keys(entry.request.headers).some((name) => name.toLowerCase() === "cookie");

function sentHeaders(entry) {
  return Object.entries(entry.request.headers)
    .filter(([name, value]) => !OWN.has(name.toLowerCase()) && !/^sec-/i.test(name) && value !== REMOVED)
    .filter(([name, value]) => !(name.toLowerCase() === "accept" && value === "*/*"))
    .map(([name, value]) => (value === "" ? `${name};` : `${name}: ${value}`));
}

/** Whether something of a body was kept; the journal has null for a body that is JSON's null, too. */
export const hasBody = ({ body, bodySize, bodyCut }) => body !== null || (bodySize === 4 && !bodyCut);

/** Whether a body is text that is no JSON: a string of JSON had its quotes, so it was longer. */
export function isText({ body, bodySize, bodyCut }) {
  return typeof body === "string" && (bodyCut || bodySize < new TextEncoder().encode(body).length + 2);
}

/** The body as text; null where there is none that could be sent. */
export function bodyOf({ request }) {
  if (!hasBody(request)) return null;
  return isText(request) ? request.body : escaped(JSON.stringify(request.body));
}

const isType = (name) => name.toLowerCase() === "content-type";
const typeOf = ({ headers }) => Object.entries(headers).find(([name]) => isType(name))?.[1];
const isJson = (request) => /json/i.test(typeOf(request) ?? "");

// An option and its value on a line, so that it can be read.
function inLines(words) {
  const lines = [];
  for (const word of words) {
    const goesOn = lines.length > 0 && /^--?[\w-]+$/.test(lines.at(-1)) && !["--head", "-g", "--path-as-is"].includes(lines.at(-1));
    if (goesOn) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines.join(" \\\n  ");
}

function notes(entry, cookie, mark) {
  const { request } = entry;
  const told = [];
  if (Object.values(request.headers).includes(REMOVED)) told.push("A header that held a secret is left out.");
  if (hadCookie(entry) && cookie === null && mark === "#") told.push("SESSION stands for a cookie, which the journal does not keep.");
  if (request.bodyCut) told.push("Of the body only the beginning was kept.");
  else if (!hasBody(request) && request.bodySize > 0) told.push(`The body of ${request.bodySize} bytes was not kept.`);
  if (JSON.stringify(request.body ?? "").includes(REMOVED)) told.push(`${REMOVED} stands for a secret.`);
  return told.map((line) => `\n${mark} ${line}`).join("");
}

// --- pytest

/** A value of JSON as a Python literal. */
export function literal(value) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object") return escaped(JSON.stringify(value));
  return `{${Object.entries(value).map(([key, one]) => `${literal(key)}: ${literal(one)}`).join(", ")}}`;
}

const keywords = (pairs) => Object.entries(pairs).map(([key, value]) => `${key}=${literal(value)}`).join(", ");
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A test module that sends this, expects the same status, and asserts that it came. */
export function asTest(entry) {
  const { operation, method, path, status, user } = entry;
  const lines = [`def test_${snake(operation ?? "request")}(mockflow):`];
  if (user) lines.push(`    cookies = mockflow.sign_in(${literal(user)})`);
  const sending = sendingLines(entry);
  const fault = faultOf(entry);
  if (fault) lines.push(`    with mockflow.fault(${keywords(fault)}):`, ...sending.map((line) => `    ${line}`));
  else lines.push(...sending);
  if (status !== null) lines.push(`    assert answer.status_code == ${status}`);
  lines.push(`    mockflow.assert_called(${assertion(entry)}, count=1)`);
  const told = notes(entry, null, "    #").trimStart();
  return `import requests\n\n\n${lines.join("\n")}${told && `\n    ${told}`}\n`;

  function assertion({ request }) {
    const what = operation ? `operation=${literal(operation)}` : `method=${literal(method)}, path=${literal(path)}`;
    const isObject = request.body !== null && typeof request.body === "object" && !Array.isArray(request.body);
    return isObject && !request.bodyCut && isJson(request) ? `${what}, body=${literal(request.body)}` : what;
  }
}

function sendingLines(entry) {
  const url = address(entry).slice(BASE.length).replaceAll("{", "{{").replaceAll("}", "}}");
  const place = `f"{mockflow.url}${escaped(JSON.stringify(url)).slice(1, -1)}"`;
  const more = [];
  const withJson = entry.request.body !== null && !isText(entry.request) && isJson(entry.request);
  if (withJson) more.push(`json=${literal(entry.request.body)}`);
  else if (bodyOf(entry) !== null) more.push(`data=${literal(bodyOf(entry))}.encode()`);
  const headers = tellingHeaders(entry);
  if (withJson) delete headers[Object.keys(headers).find(isType)];
  if (Object.keys(headers).length > 0) more.push(`headers=${literal(headers)}`);
  if (entry.user) more.push("cookies=cookies");
  const known = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(entry.method);
  const call = known ? `requests.${entry.method.toLowerCase()}` : "requests.request";
  const all = [...(known ? [] : [literal(entry.method)]), place, ...more];
  if (all.length === 1) return [`    answer = ${call}(${place})`];
  return [`    answer = ${call}(`, ...all.map((one) => `        ${one},`), "    )"];
}

/** Those headers that the API may look at. */
export function tellingHeaders(entry) {
  const kept = Object.entries(entry.request.headers).filter(
    ([name, value]) => /^(content-type|prefer|x-(?!mockflow-sandbox).*|if-.*)$/i.test(name) && value !== REMOVED,
  );
  return Object.fromEntries(kept);
}

// The rule that makes a request fail as this one did, as pairs; null where it did not, or did so by its own header.
function faultOf({ fault, status, operation, request }) {
  const byHeader = Object.keys(request.headers).some((name) => /^(x-mockflow-fault|prefer)$/i.test(name));
  if (fault === null || status === null || status < 400 || byHeader) return null;
  return { ...(operation && { operation }), status, times: 1 };
}

// --- JavaScript

const js = (value) => escaped(JSON.stringify(value));
const pairs = (all) => Object.entries(all).map(([key, value]) => `${/^\w+$/.test(key) ? key : js(key)}: ${js(value)}`);
const object = (all) => `{ ${pairs(all).join(", ")} }`;

/** A test for `node --test` that sends this and expects the same status. */
export function asJavaScript(entry) {
  const { operation, method, path, status, user } = entry;
  const fault = faultOf(entry);
  const lines = [
    "  const mf = await connect();",
    ...(user ? [`  const cookie = await mf.signIn(${js(user)});`] : []),
    ...(fault ? [`  await mf.fault(${object(fault)});`] : []),
    ...fetchLines(entry),
    ...(status === null ? [] : [`  assert.equal(answer.status, ${status});`]),
  ];
  return `${HEAD}test(${js(operation ?? `${method} ${path}`)}, async () => {\n${lines.join("\n")}\n});\n${notes(entry, null, "//").trimStart()}`;
}

const HEAD = `import assert from "node:assert/strict";
import test from "node:test";
import { connect } from "./client.js"; // curl -O ${BASE}/_mockflow/client.js

`;

function fetchLines(entry) {
  const url = js(address(entry).slice(BASE.length)).slice(1, -1).replaceAll("`", "\\`").replaceAll("${", "\\${");
  const headers = [...pairs(tellingHeaders(entry)), ...(entry.user ? ["cookie"] : [])];
  const body = bodyOf(entry);
  const withJson = body !== null && !isText(entry.request) && isJson(entry.request);
  const options = [
    entry.method !== "GET" && `method: ${js(entry.method)}`,
    headers.length > 0 && `headers: { ${headers.join(", ")} }`,
    body !== null && `body: ${withJson ? `JSON.stringify(${js(entry.request.body)})` : js(body)}`,
  ].filter(Boolean);
  const place = `\`\${mf.url}${url}\``;
  if (options.length === 0) return [`  const answer = await fetch(${place});`];
  return [`  const answer = await fetch(${place}, {`, ...options.map((one) => `    ${one},`), "  });"];
}
