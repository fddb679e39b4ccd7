// The examples people copy are checked against the schema they are for.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { loadConfig } from "./env.ts";
import { liveSettings, overlaySchema, parseOverlay } from "./live-schema.ts";

const guide = readFileSync(new URL("../../docs/live-configuration.md", import.meta.url), "utf8");
const examples = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, text]) => text ?? []);

describe("docs/live-configuration.md", () => {
  test.each(examples)("shows what is accepted: %s", (text) => {
    expect(parseOverlay(text)).toHaveProperty("overlay");
  });

  test("shows everything that can be set, with the values that count without it", () => {
    const [whole = ""] = examples;
    const overlay = overlaySchema().parse(JSON.parse(whole));
    expect(Object.keys(overlay)).toEqual(Object.keys(overlaySchema().shape));
    expect(Object.keys(overlay.discovery ?? {})).toEqual(
      Object.keys(overlaySchema().shape.discovery.unwrap().shape),
    );
    expect(liveSettings(loadConfig({}), overlay)).toEqual(liveSettings(loadConfig({})));
  });

  test("names everything in its table", () => {
    for (const name of Object.keys(overlaySchema().shape)) expect(guide).toContain(`| \`${name}\``);
  });
});
