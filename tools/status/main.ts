// npm run status -- [--json] [--watch] [--promises] [--stage dev]
// Shows the running system: services and their instances, registry, database, outboxes, and the promises where a control room
// watches them. Exit code 0: all is well, 1: something is down (with --promises also: a promise is broken, or not watched),
// 2: nothing runs, 3: it can't be asked (a wrong option or setting), or told. With --watch again every two seconds, until Ctrl-C.

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, styleText } from "node:util";
import { print } from "../../local/shared/print.ts";
import { exitCodeOf, optionsOf } from "../command.ts";
import { openSurvey } from "./ports.ts";
import { linesOf, type Paint } from "./show.ts";
import { steadySurvey } from "./steady-survey.ts";
import type { Survey } from "./survey.ts";
import { EXIT, type Verdict, verdictOf } from "./verdict.ts";

const USAGE = "Usage: npm run status -- [--json] [--watch] [--promises] [--stage dev]";
const EVERY_MS = 2_000;
const CLEAR = "\u001b[2J\u001b[H";

/** Colours on a terminal only, unless NO_COLOR is set. */
const paint: Paint = (colour, text) => {
  const coloured = process.stdout.isTTY && !process.env["NO_COLOR"];
  return coloured ? styleText(colour, text, { validateStream: false }) : text;
};

process.exitCode = await exitCodeOf(run, EXIT.failed);

async function run(lost: AbortSignal): Promise<number> {
  const options = {
    json: { type: "boolean", default: false },
    watch: { type: "boolean", default: false },
    promises: { type: "boolean", default: false },
    stage: { type: "string" },
  } as const;
  const { json, watch, promises, stage } = optionsOf(USAGE, () => parseArgs({ options })).values;
  const ports = openSurvey(stage);
  const ended = new AbortController();
  lost.addEventListener("abort", () => ended.abort());
  if (watch) {
    for (const signal of ["SIGINT", "SIGTERM"]) {
      void once(process, signal).then(() => ended.abort());
    }
  }
  try {
    for (;;) {
      const seen = await steadySurvey(ports);
      const verdict = verdictOf(seen, promises);
      show(seen, verdict, json, watch);
      if (watch) await sleep(EVERY_MS, undefined, { signal: ended.signal }).catch(() => {});
      if (!watch || ended.signal.aborted) return verdict.exit;
    }
  } finally {
    await ports.close();
  }
}

function show(seen: Survey, verdict: Verdict, json: boolean, watch: boolean): void {
  if (json) {
    print(JSON.stringify({ ...verdict, ...seen }, null, watch ? undefined : 2));
    return;
  }
  const lines = linesOf(seen, verdict, paint).join("\n");
  const before = watch && process.stdout.isTTY ? CLEAR : "";
  process.stdout.write(`${before}${lines}\n${watch && before === "" ? "\n" : ""}`);
}
