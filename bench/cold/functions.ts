// The functions of a checkout as they are packaged for AWS.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { zipOf } from "../../build/zip.ts";
import { earlierBundle, isEarlier } from "./earlier.ts";

export interface ColdFunction {
  /** As in the stack: `orders-getOrder`. */
  readonly name: string;
  readonly handler: string;
  /** Where its bundle is. */
  readonly file: string;
  /** Bytes of its archive. */
  readonly zipped: number;
  /** Its route by HTTP, from the internet or from peers; undefined for a relay or a WebSocket's function. */
  readonly route: Route | undefined;
  /** The key of its route of the WebSocket API, `$connect` for example. */
  readonly socket: string | undefined;
}

interface Route {
  readonly method: string;
  readonly path: string;
}

interface Definition {
  readonly handler: string;
  readonly events: readonly {
    readonly httpApi?: string | Route;
    readonly websocket?: { readonly route: string };
  }[];
}

interface Service {
  readonly key: string;
  readonly contract: { readonly routes: Readonly<Record<string, Route & { readonly id: string }>> };
}

/**
 * Bundles the functions of the checkout in `root` as it does itself, into `folder`: one for each file of handlers, as functions of one
 * file have the same bundle. Only those whose names `isChosen` has chosen.
 */
export async function bundledFunctions(
  root: string,
  folder: string,
  isChosen: (name: string) => boolean,
): Promise<readonly ColdFunction[]> {
  const load = (path: string) => import(pathToFileURL(join(root, path)).href);
  const earlier = isEarlier(root);
  const [{ bundleOf }, { serverlessFunctions }, { services }] = await Promise.all([
    earlier ? { bundleOf: (entry: string) => earlierBundle(root, entry) } : load("build/bundle.ts"),
    load(earlier ? "lib/contract/functions.ts" : "build/functions.ts"),
    load("functions/services.ts"),
  ]);
  const definitions: Readonly<Record<string, Definition>> = serverlessFunctions(services, "aws");
  const routes = new Map<string, Route>(
    (services as readonly Service[]).flatMap(({ key, contract }) =>
      Object.values(contract.routes).map((route) => [`${key}-${route.id}`, route] as const),
    ),
  );
  const seen = new Set<string>();
  const bundled: ColdFunction[] = [];
  for (const [name, { handler, events }] of Object.entries(definitions)) {
    const source = handler.slice(0, handler.lastIndexOf("."));
    if (seen.has(source) || !isChosen(name)) continue;
    seen.add(source);
    // Earlier versions of the project have no map, or one file.
    const { code, map, parts = [] } = await bundleOf(join(root, `${source}.ts`));
    const file = join(folder, `${source}.mjs`);
    mkdirSync(join(file, ".."), { recursive: true });
    const files = new Map<string, Uint8Array>([[`${source}.mjs`, code]]);
    if (map !== undefined) files.set(`${source}.mjs.map`, map);
    for (const [name, content] of parts) files.set(join(dirname(source), name), content);
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
    const zipped = (await zipOf(files)).length;
    const route = routes.get(name) ?? events.map(({ httpApi }) => httpApi).find(isRoute);
    const socket = events.find(({ websocket }) => websocket !== undefined)?.websocket?.route;
    bundled.push({ name, handler, file, zipped, route, socket });
  }
  return bundled;
}

const isRoute = (api: string | Route | undefined): api is Route => typeof api === "object";

/** A function that does nothing, for what the machine and Node.js alone cost. */
export function emptyFunction(folder: string): ColdFunction {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "empty.mjs");
  writeFileSync(file, "export const handler = async () => ({ statusCode: 204 });\n");
  const route = { method: "GET", path: "/" };
  return { name: "(empty)", handler: "empty.handler", file, zipped: 0, route, socket: undefined };
}
