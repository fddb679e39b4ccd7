// Plants one known bug while modules are loaded: `node --import ./tests/promises/simulation/plant.ts`, its name in SIMULATION_MUTATION.

import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { mutated } from "./mutate.ts";
import { MUTATIONS } from "./mutations.ts";

const name = process.env["SIMULATION_MUTATION"];
const mutation = MUTATIONS.find((candidate) => candidate.name === name);
if (!mutation) throw new Error(`There is no mutation ${name}`);

const root = pathToFileURL(`${import.meta.dirname}/../../../`).href;
const left = new Set(mutation.edits);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith(root)) return loaded;
    const edits = mutation.edits.filter(({ file }) => url === `${root}${file}`);
    if (edits.length === 0 || loaded.source == null) return loaded;
    for (const edit of edits) left.delete(edit);
    const { source } = loaded;
    const text = typeof source === "string" ? source : new TextDecoder().decode(source);
    return { ...loaded, source: mutated(text, edits) };
  },
});

/** @throws when the planted file was never loaded: then nothing was planted. */
export function requirePlanted(): void {
  const [missing] = left;
  if (missing) throw new Error(`${missing.file} was never loaded, so nothing is planted in it`);
}
