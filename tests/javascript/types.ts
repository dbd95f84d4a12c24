// What the types of the handle take and refuse; `tsc --strict` reads this (.ci/examples).
import { connect, type Expected, type FaultRule, type Operation, type PresetName, type Request } from "./mockflow/client.js";

const mf = await connect({ url: "http://localhost:4747", sandbox: "mine", token: "secret" });
await using box = await mf.sandbox({ label: "types" });
await using fault = await box.fault({ operation: "createTask", status: 429, retryAfter: 1, times: 1, phase: "after" });
const preset = await box.preset("flaky-network");
const counts: number[] = [await fault.hits(), await preset.hits()];
const [first]: Request[] = await box.requests({ operation: "listTasks", since: new Date(), limit: counts[0] });
const operation: Operation | null = first?.operation ?? null;
const waited: number = (first?.elapsedMs ?? 0) + (first?.durationMs ?? 0);
const cookie: string = await box.signIn("demo@flowtask.test");
const { sandboxes } = await mf.call<{ sandboxes: { name: string }[] }>("GET", "sandboxes");
await box.assertCalled({ operation: "createTask", query: { tag: ["a", "b"] }, headers: { accept: "*/*" }, count: 1 });
await box.assertCalled({ path: "/api/v2/**", body: { title: "x" }, atLeast: 1, atMost: 2 });
const verdict = await box.verify({ status: 201 });
const word: string = verdict.closest[0]?.fields[0]?.field ?? operation ?? String(waited) + cookie + sandboxes.length;
await box.clock.advance(word);
await box.reset({ seeds: "minimal", clock: new Date(0) });

// @ts-expect-error - a key that there is not
const oper: FaultRule = { oper: "createTask" };
// @ts-expect-error - an operation that there is not
const taks: FaultRule = { operation: "createTaks" };
// @ts-expect-error - as the command line spells it
const dashed: FaultRule = { "retry-after": 1 };
// @ts-expect-error - only true makes sense
const malformed: FaultRule = { malformed: false };
// @ts-expect-error - no such way to end a connection
const disconnect: FaultRule = { disconnect: "rst" };
// @ts-expect-error - no such preset
const outtage: PresetName = "outtage";
// @ts-expect-error - a count and bounds do not go together
const both: Expected = { count: 1, atLeast: 1 };
// @ts-expect-error - a count is for assertCalled
await box.assertNotCalled({ count: 1 });
// @ts-expect-error - a promise is not a fault
fault.remove().id;
// @ts-expect-error - a server is not for anybody to close
await mf.close();
console.log(oper, taks, dashed, malformed, disconnect, outtage, both);
