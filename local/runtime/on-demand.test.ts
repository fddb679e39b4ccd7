import { expect, test } from "@jest/globals";
import { loopbackNames } from "../shared/listener/hosts.ts";
import { httpListener } from "../shared/listener/http-server.ts";
import { onDemand } from "./on-demand.ts";

const LOOPBACK = "127.0.0.1";
const rules = { reach: "loopback", hosts: loopbackNames, origins: [], maxBodyBytes: 100 } as const;

/** What a listener with `emulation` alone answers to two requests at once. */
async function answers(emulation: ReturnType<typeof onDemand>): Promise<readonly string[]> {
  const listener = httpListener(rules, emulation.answer);
  const url = `http://${LOOPBACK}:${await listener.open({ host: LOOPBACK, port: 0 })}/`;
  const ask = async (body: string) => {
    const reply = await fetch(url, { method: "POST", body });
    return `${reply.status} ${await reply.text()}`;
  };
  const both = await Promise.all([ask("one"), ask("two")]);
  await listener.close(0);
  return both;
}

test("the emulation is started by the first request, once, and ended once", async () => {
  const calls: string[] = [];
  const emulation = onDemand(
    async () => {
      calls.push("started");
      return {
        answer: (request, response) => void request.pipe(response),
        end: async () => void calls.push("ended"),
      };
    },
    () => {},
  );
  expect(calls).toEqual([]);
  expect(await answers(emulation)).toEqual(["200 one", "200 two"]);
  await emulation.end();
  expect(calls).toEqual(["started", "ended"]);
});

test("an emulation that no request needed is neither started nor ended", async () => {
  const emulation = onDemand(
    () => Promise.reject(new Error("must not start")),
    () => {},
  );
  await emulation.end();
});

test("where the emulation does not start, requests are answered by a 500, and the reason is logged once", async () => {
  const logged: unknown[] = [];
  const emulation = onDemand(
    () => Promise.reject(new Error("no emulation")),
    (level, _, fields) => logged.push([level, fields?.["error"]]),
  );
  for (const answer of await answers(emulation)) expect(answer).toMatch(/^500 \{.*"code":"internal"/);
  expect(logged).toEqual([["error", expect.stringContaining("no emulation")]]);
  await emulation.end();
});
