// One call with one Node client: `node clients.mjs NAME`, the call as JSON on stdin, what came of it as JSON on stdout.
// `node clients.mjs versions` says what is installed.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

function version(name) {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null;
}

function versions() {
  return {
    node: process.versions.node,
    axios: version('axios'),
    'axios-retry': version('axios-retry'),
    'playwright-core': version('playwright-core'),
    chromium: existsSync(CHROMIUM) ? CHROMIUM : null,
  };
}

function since(started) {
  return (performance.now() - started) / 1000;
}

function headers(call) {
  return { Cookie: call.cookie, ...(call.body ? { 'Content-Type': 'application/json' } : {}) };
}

async function nodeFetch(call) {
  const started = performance.now();
  try {
    const response = await fetch(call.url, {
      method: call.method, headers: headers(call), body: call.body ?? undefined, signal: AbortSignal.timeout(call.seconds * 1000),
    });
    if (response.ok) await response.json();
    return { status: response.status, retryAfter: response.headers.get('retry-after'), seconds: since(started) };
  } catch (error) {
    const { cause } = error;
    const why = cause ? ` (${[cause.name, cause.code, cause.message].filter(Boolean).join(' ')})` : '';
    return { error: `${error.name}: ${error.message}${why}`, seconds: since(started) };
  }
}

async function withAxios(instance, call) {
  const started = performance.now();
  try {
    const { status, data, headers: got } = await instance.request({
      url: call.url, method: call.method, headers: headers(call), data: call.body ?? undefined, timeout: call.seconds * 1000,
    });
    return { status, retryAfter: got['retry-after'] ?? null, unparsed: typeof data === 'string', seconds: since(started) };
  } catch (error) {
    const seconds = since(started);
    const { response } = error;
    // An answer that breaks off is an error with a response of status 200.
    if (!response || response.status < 400) return { error: `${error.name}: ${error.code} ${error.message}`, seconds };
    return { status: response.status, retryAfter: response.headers['retry-after'] ?? null, seconds };
  }
}

async function plainAxios(call) {
  const { default: axios } = await import('axios');
  return withAxios(axios.create(), call);
}

async function retryingAxios(call) {
  const { default: axios } = await import('axios');
  const { default: axiosRetry } = await import('axios-retry');
  const instance = axios.create();
  axiosRetry(instance, {
    retries: 3,
    retryDelay: (_count, error) => Number(error.response?.headers['retry-after'] ?? 0.05) * 1000,
  });
  return withAxios(instance, call);
}

// Runs inside the page.
async function browserFetch(call) {
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  try {
    const response = await fetch(call.url, {
      method: call.method, credentials: 'include', body: call.body ?? undefined, signal: AbortSignal.timeout(call.seconds * 1000),
      headers: call.body ? { 'Content-Type': 'application/json' } : {},
    });
    if (response.ok) await response.json();
    return { status: response.status, retryAfter: response.headers.get('retry-after'), seconds: since() };
  } catch (error) {
    return { error: `${error.name}: ${error.message}`, seconds: since() };
  }
}

async function chromium(call, before) {
  const { chromium: engine } = await import('playwright-core');
  const pages = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,"><title>client</title>');
  });
  await new Promise((ready) => pages.listen(0, '127.0.0.1', ready));
  const browser = await engine.launch({ executablePath: CHROMIUM, args: QUIET, timeout: 15000 });
  try {
    const context = await browser.newContext();
    context.setDefaultTimeout(10000);
    const [name, value] = call.cookie.split(/=(.*)/s);
    await context.addCookies([{ name, value, url: call.url, httpOnly: true, sameSite: 'Lax' }]);
    const page = await context.newPage();
    const failures = [];
    page.on('requestfailed', (request) => failures.push(request.failure().errorText));
    await page.goto(`http://localhost:${pages.address().port}/`);
    if (before) {
      const first = await page.evaluate(browserFetch, before);
      if (first.status !== 200) throw new Error(`the call before: ${JSON.stringify(first)}`);
    }
    const outcome = await page.evaluate(browserFetch, call);
    if (outcome.error && failures.length) outcome.error += ` (${failures.join(', ')})`;
    return outcome;
  } finally {
    await browser.close();
    pages.close();
  }
}

// The same on a connection that a call of another operation has left open.
function chromiumAgain(call) {
  return chromium(call, { ...call, method: 'GET', url: new URL('/api/v1/auth-check', call.url).href, body: null });
}

const CLIENTS = { fetch: nodeFetch, axios: plainAxios, 'axios-retry': retryingAxios, chromium, 'chromium-again': chromiumAgain };

async function main(name) {
  if (name === 'versions') return versions();
  const call = JSON.parse(readFileSync(0, 'utf8'));
  return CLIENTS[name](call);
}

process.stdout.write(JSON.stringify(await main(process.argv[2])), () => process.exit(0));
