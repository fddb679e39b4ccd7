import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadConfig } from "./env.ts";
import { keptText } from "./kept-text.ts";
import { live, setLive } from "./live.ts";
import { LiveConfig, md5Of } from "./live-config.ts";
import { type LiveSettings, liveSettings } from "./live-schema.ts";

let folder: string;
let lines: string[];
let received: LiveSettings[];
const config = loadConfig({ ORDER_EXPIRY_MINUTES: "45" });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-live-"));
  lines = [];
  received = [];
  setLive(liveSettings(config));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  setLive(liveSettings(config));
});

const note = (level: string) => (_: unknown, message?: string) => {
  lines.push(`${level} ${message}`);
};
const log = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
const path = () => join(folder, "config", "cfmp-order.json");
const start = () =>
  new LiveConfig({
    config,
    log,
    kept: keptText(path(), log),
    onChange: (settings) => received.push(settings),
  });

describe("a configuration", () => {
  test("counts where it says something, and the environment where it does not", () => {
    start().offer('{"page_size_max":50,"discovery":{"attempts_per_call":2}}');
    expect(live()).toMatchObject({ page_size_max: 50, page_size_default: 10, order_expiry_minutes: 45 });
    expect(live().discovery).toMatchObject({ attemptsPerCall: 2, attemptTimeoutMs: 2_000 });
  });

  test("never lets the usual page be larger than the largest", () => {
    start().offer('{"page_size_max":5}');
    expect(live().page_size_default).toBe(5);
  });

  test("is logged once by what it changed, and passed on once", () => {
    const settings = start();
    for (let n = 0; n < 3; n += 1) settings.offer('{"payments_enabled":false,"page_size_default":20}');
    expect(lines.slice(-1)).toEqual([
      "info configuration changed: page_size_default: 10 → 20, payments_enabled: true → false",
    ]);
    expect(received).toHaveLength(1);
  });

  test("that is removed restores the environment's settings, also for the next start", () => {
    const settings = start();
    settings.offer('{"order_expiry_minutes":60}');
    settings.offer(undefined);
    expect(live().order_expiry_minutes).toBe(45);
    expect(settings.state).toEqual({ source: "environment", md5: null, refused: false });
    setLive(liveSettings(config));
    expect(start().state.source).toBe("environment");
  });
});

describe("what is not acceptable is refused, by name, and the last good one stays:", () => {
  test.each([
    ["a name that is none", '{"page_size":10}', /page_size/],
    ["a text for a number", '{"page_size_max":"10"}', /page_size_max/],
    ["a page of nothing", '{"page_size_default":0}', /page_size_default/],
    ["more than contracts promise", '{"page_size_max":101}', /page_size_max/],
    ["a level that is none", '{"log_level":"loud"}', /log_level/],
    ["a nested name that is none", '{"discovery":{"retries":1}}', /discovery.*retries/],
    ["a nested value out of range", '{"discovery":{"retry_share":2}}', /discovery\.retry_share/],
    ["no object", "[]", /object/],
    ["no JSON", "page_size_max: 10", /JSON/],
    ["nothing", "", /JSON/],
  ])("%s", (_, text, reason) => {
    const settings = start();
    settings.offer('{"page_size_max":30}');
    for (let n = 0; n < 2; n += 1) settings.offer(text);
    const refusals = lines.filter((line) => line.startsWith("error"));
    expect(refusals).toEqual([expect.stringMatching(reason)]);
    expect(live().page_size_max).toBe(30);
    expect(settings.state).toMatchObject({
      source: "nacos",
      md5: md5Of('{"page_size_max":30}'),
      refused: true,
    });
    settings.offer('{"page_size_max":31}');
    expect(settings.state.refused).toBe(false);
  });
});

describe("over a restart", () => {
  test("the last valid one counts until the registry answers", () => {
    const settings = start();
    settings.offer('{"page_size_max":30}');
    settings.offer("rubbish");
    setLive(liveSettings(config));
    const again = start();
    expect(live().page_size_max).toBe(30);
    expect(again.state).toEqual({ source: "kept", md5: md5Of('{"page_size_max":30}'), refused: false });
    again.offer(undefined);
    expect(live().page_size_max).toBe(100);
  });

  test("a kept text that a later version no longer takes does not count", () => {
    start().offer('{"page_size_max":30}');
    writeFileSync(path(), '{"page_size_maximum":30}');
    setLive(liveSettings(config));
    expect(start().state.source).toBe("environment");
    expect(live().page_size_max).toBe(100);
  });

  test("a kept text that is damaged in any byte never counts as another one, and is named in the log", () => {
    start().offer('{"page_size_max":30}');
    const bytes = readFileSync(path());
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      for (const text of [damaged, bytes.subarray(0, at)]) {
        writeFileSync(path(), text);
        setLive(liveSettings(config));
        lines = [];
        const { source } = start().state;
        expect(live().page_size_max).toBe(source === "kept" ? 30 : 100);
        if (source !== "kept") expect(lines).toEqual([expect.stringMatching(/^error the configuration/)]);
      }
    }
  });

  test("a kept text of an earlier version counts", () => {
    start().offer('{"page_size_max":30}');
    writeFileSync(path(), '{"page_size_max":31}');
    setLive(liveSettings(config));
    expect(start().state.source).toBe("kept");
    expect(live().page_size_max).toBe(31);
  });

  test("a folder that cannot be written costs a line, not the change", () => {
    writeFileSync(join(folder, "config"), "a file");
    start().offer('{"page_size_max":30}');
    expect(live().page_size_max).toBe(30);
    expect(lines.filter((line) => line.startsWith("warn"))).toHaveLength(1);
    expect(readFileSync(join(folder, "config"), "utf8")).toBe("a file");
  });
});
