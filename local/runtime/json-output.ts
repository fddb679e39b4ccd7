// The output of a server: one JSON object a line, as log collectors read it; the services' own lines as they are.

import { printableLines } from "../../lib/observability/printable.ts";
import { collectLines, isLogged } from "./output-lines.ts";
import type { Terminal } from "./terminal.ts";

/** Writes to `out`; the runtime's own entries below `level` are dropped, but not the one that says what runs. */
export function openJsonOutput(out: (text: string) => void, level: string): Terminal {
  const lines = collectLines(out);
  const write = (at: string, message: string, fields?: object) => {
    const entry = { level: at, service: "runtime", time: new Date().toISOString(), message, ...fields };
    lines.add(() => printableLines(JSON.stringify(entry)));
  };
  return {
    ready(rows, extras, tookMs) {
      const took_s = Math.round(tookMs / 100) / 10;
      const addresses = Object.fromEntries(extras.map(({ name, value }) => [name, value]));
      write("info", "ready", { took_s, services: rows, ...addresses });
    },
    serviceLine: (json) => lines.add(() => json.trimEnd()),
    log(at, message, fields) {
      if (isLogged(at, level)) write(at, message, fields);
    },
    flush: lines.flush,
  };
}
