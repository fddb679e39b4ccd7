// The files of the page: its HTML, and its script and style bundled by esbuild at the first request.

import { fileURLToPath } from "node:url";

export const HTML = "text/html; charset=utf-8";

/** What the page may load: its own files and API. The plots' library sets styles by script, which this allows. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Of somebody else's document in a frame of the page: it has an origin of its own, runs nothing, and loads nothing. */
export const FOREIGN_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'self'";

export interface PageAsset {
  readonly type: string;
  readonly body: string;
}

/** The file at `path`; undefined: none of the page's. Rejects with esbuild's own error. */
export type PageAssets = (path: string) => Promise<PageAsset | undefined>;

const ENTRY = fileURLToPath(new URL("page/main.tsx", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  "/main.js": "text/javascript; charset=utf-8",
  "/main.css": "text/css; charset=utf-8",
};

/** Drawn before the script arrives, so that the page is never blank. */
const SHELL = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>CFMP-Order control room</title>
<link rel="icon" href="data:,">
<script type="module" src="/main.js"></script>
<link rel="stylesheet" href="/main.css">
</head>
<body>
<div id="root"><main><h1>CFMP-Order</h1><noscript><p><a href="/text">The map as text</a></p></noscript></main></div>
</body>
</html>
`;

export function pageAssets(bundle: () => Promise<ReadonlyMap<string, string>> = bundlePage): PageAssets {
  let bundled: Promise<ReadonlyMap<string, string>> | undefined;
  return async (path) => {
    if (path === "/") return { type: HTML, body: SHELL };
    const type = TYPES[path];
    if (type === undefined) return undefined;
    bundled ??= bundle().catch((error: unknown) => {
      bundled = undefined;
      throw error;
    });
    return { type, body: (await bundled).get(path) ?? "" };
  };
}

/** The bundle's files by their paths on the page's origin. */
export async function bundlePage(): Promise<ReadonlyMap<string, string>> {
  const { build, stop } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir: "/",
    logLevel: "silent",
  });
  // Its process is not needed again.
  await stop();
  return new Map(outputFiles.map(({ path, text }) => [`/${path.split(/[\\/]/).at(-1)}`, text]));
}
