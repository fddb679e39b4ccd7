// The source map of a function's bundle, made small: lines of our own code, and files of packages.

import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";
import * as z from "zod";

const sourceMap = z.object({ sources: z.array(z.string()), mappings: z.string() });

/**
 * The map `json`, which esbuild has made, without what a stack does not show (build/real-places.ts): columns, names, and lines of
 * packages. That is a tenth of it. Its sources are paths in the project.
 */
export function smallMap(json: string): Uint8Array {
  const { sources, mappings } = sourceMap.parse(JSON.parse(json));
  // Packages may stand outside the project, behind a link.
  const paths = sources.map((source) =>
    source.replace(/^(\.\.?\/)+/, "").replace(/^(.*?\/)?(?=node_modules\/)/, ""),
  );
  const isPackage = paths.map((path) => path.startsWith("node_modules/"));
  let [file, line]: (number | undefined)[] = [];
  const lines = decode(mappings).map((segments) =>
    segments.flatMap(([column, source, sourceLine = 0]): SourceMapSegment[] => {
      const shown = source === undefined || isPackage[source] === true ? 0 : sourceLine;
      if (source === file && shown === line) return [];
      [file, line] = [source, shown];
      return source === undefined ? [[column]] : [[column, source, shown, 0]];
    }),
  );
  const small = { version: 3, sources: paths, names: [], mappings: encode(lines) };
  return new TextEncoder().encode(JSON.stringify(small));
}
