// Part of every bundle, before all else: stacks of errors name files and lines of the project, by the maps beside the bundle. They are read
// when the first stack is asked for, so a start without an error costs nothing.

import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";

/** Where the bundle is, with the files that it loads on demand. */
const FOLDER = new URL(".", import.meta.url).href;

const maps = new Map<string, SourceMap>();

function mapBeside(file: string): SourceMap {
  const map = maps.get(file) ?? new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), "utf8")));
  maps.set(file, map);
  return map;
}

/** A frame of a stack: its file and line in the project, or its file in a package; as V8 writes it where it is not the bundle's. */
function frame(site: NodeJS.CallSite): string {
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const bundle = site.getFileName();
  if (!bundle?.startsWith(FOLDER) || line === null || column === null) return `${site}`;
  const entry = mapBeside(bundle).findEntry(line - 1, column - 1);
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
