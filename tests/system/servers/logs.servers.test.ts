// What Vector makes of a line in Docker's log files: line.vrl, run by the VRL engine that Python's packages have. Vector itself is not to be
// had without Docker, so vector.yaml is read here alone. Run by npm run test:servers.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import * as z from "zod";
import { mustRun } from "../../support/run.ts";
import { FETCH_WITHIN_MS, pythonWith } from "../../support/tools.ts";
import { ROOT } from "../deploy/compose-file.ts";

const VRL = "pyVRL==0.0.2";
const folder = join(ROOT, "servers", "vector");
const program = join(folder, "line.vrl");

/** Runs line.vrl on what Docker has written, one event after the other. */
const SCRIPT = `
import json, sys, pyvrl
transform = pyvrl.Transform(open(sys.argv[1]).read())
print(json.dumps([transform.remap({"message": line}) for line in json.loads(sys.argv[2])], default=lambda when: when.isoformat()))
`;

const docker = (log: string, tag = "cfmp-order-orders-1-1") =>
  JSON.stringify({
    log: `${log}\n`,
    stream: "stdout",
    attrs: { tag },
    time: "2026-11-29T09:00:00.123456789Z",
  });

let python = "";

beforeAll(async () => {
  python = join(await pythonWith([VRL]), "python");
}, FETCH_WITHIN_MS);

async function events(...lines: readonly string[]): Promise<Record<string, unknown>[]> {
  return z
    .array(z.record(z.string(), z.unknown()))
    .parse(JSON.parse(await mustRun(python, ["-c", SCRIPT, program, JSON.stringify(lines)])));
}

test("a line of a service or of Nginx is an event with its members, and when and where it was written", async () => {
  const trace_id = "0af7651916cd43dd8448eb211c80319c";
  const written = { level: "error", time: 1, message: "no peer", service: "OrderService", trace_id };
  const [event] = await events(docker(JSON.stringify(written)));
  expect(event).toEqual({
    level: "error",
    message: "no peer",
    service: "OrderService",
    trace_id,
    container: "cfmp-order-orders-1-1",
    stream: "stdout",
    "@timestamp": "2026-11-29T09:00:00.123456+00:00",
  });
});

test("a line of text is its message, and so is JSON that is no object", async () => {
  const found = await events(
    docker("Nacos is starting", "cfmp-order-nacos-1"),
    docker("[1,2]"),
    docker("{half"),
  );
  expect(found.map(({ message, level }) => [message, level])).toEqual([
    ["Nacos is starting", "info"],
    ["[1,2]", "info"],
    ["{half", "info"],
  ]);
  expect(found[0]?.["container"]).toBe("cfmp-order-nacos-1");
});

test("vector.yaml reads Docker's files, runs line.vrl, and leads to Elasticsearch, step by step", () => {
  const step = z.object({
    type: z.string(),
    inputs: z.array(z.string()).default([]),
    file: z.string().optional(),
  });
  const { sources, transforms, sinks } = z
    .object({
      sources: z.record(z.string(), step),
      transforms: z.record(z.string(), step),
      sinks: z.record(z.string(), step.extend({ endpoints: z.array(z.string()) })),
    })
    .parse(parse(readFileSync(join(folder, "vector.yaml"), "utf8")));
  expect(sources).toMatchObject({ containers: { type: "file" } });
  expect(transforms).toMatchObject({
    lines: { type: "remap", inputs: ["containers"], file: "/etc/vector/line.vrl" },
    ours: { type: "filter", inputs: ["lines"] },
  });
  expect(sinks).toMatchObject({
    elasticsearch: { type: "elasticsearch", inputs: ["ours"], endpoints: ["http://elasticsearch:9200"] },
  });
});
