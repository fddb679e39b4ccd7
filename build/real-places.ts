// Part of every bundle, before all else: stacks of errors name files and lines of the project, by the map beside the bundle. It is read
// when the first stack is asked for, so a start without an error costs nothing.

import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";

const BUNDLE = import.meta.url;

let map: SourceMap | undefined;

const mapBeside = (): SourceMap =>
  (map ??= new SourceMap(JSON.parse(readFileSync(new URL(`${BUNDLE}.map`), "utf8"))));

/** A frame of a stack: its file and line in the project, or its file in a package; as V8 writes it where it is not the bundle's. */
function frame(site: NodeJS.CallSite): string {
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  if (site.getFileName() !== BUNDLE || line === null || column === null) return `${site}`;
  const entry = mapBeside().findEntry(line - 1, column - 1);
  if (!("originalSource" in entry) || !entry.originalSource) return `${site}`;
  const { originalSource: file, originalLine } = entry;
  // The name of the function is a minified one.
  return `${site.isAsync() ? "async " : ""}${file}${file.startsWith("node_modules/") ? "" : `:${originalLine + 1}`}`;
}

/** A damaged or missing map must not hide the error. */
function shown(site: NodeJS.CallSite): string {
  try {
    return frame(site);
  } catch {
    return `${site}`;
  }
}

Error.prepareStackTrace = (error, sites) =>
  [Error.prototype.toString.call(error), ...sites.map(shown)].join("\n    at ");
