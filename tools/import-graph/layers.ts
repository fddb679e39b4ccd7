// The import graph in short: folders in layers, each of which imports only from those below it.

/** Which file imports which; paths from the project's root. */
export interface ImportingFile {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string }[];
}

export interface Folder {
  readonly name: string;
  /** 0 is the lowest. */
  readonly layer: number;
  /** What it imports, without what comes along with that. */
  readonly imports: readonly string[];
}

/** The parts of the project; of these folders each one below is a part. */
const PARTS = /^(functions|build|bench|(?:lib|local|tests|tools)\/[^/]+(?=\/)|local|tools)\//;
const TEST = /(\.test(-d)?|\/test-[\w-]+)\.ts$/;

const partOf = (path: string): string | undefined => PARTS.exec(path)?.[1];

/** The parts with the layer of each, the lowest first. Tests beside code do not count. @throws {Error} when there is a circle. */
export function foldersOf(files: readonly ImportingFile[]): readonly Folder[] {
  const imports = new Map<string, Set<string>>();
  for (const { source, dependencies } of files) {
    const from = partOf(source);
    if (from === undefined || TEST.test(source)) continue;
    const known = imports.get(from) ?? new Set();
    imports.set(from, known);
    for (const { resolved } of dependencies) {
      const to = partOf(resolved);
      if (to !== undefined && to !== from) known.add(to);
    }
  }
  const below = (name: string, way: readonly string[] = []): ReadonlySet<string> => {
    if (way.includes(name)) throw new Error(`A circle of folders: ${[...way, name].join(" → ")}`);
    const direct = [...(imports.get(name) ?? [])];
    return new Set(direct.flatMap((one) => [one, ...below(one, [...way, name])]));
  };
  const layerOf = (name: string): number =>
    Math.max(0, ...[...(imports.get(name) ?? [])].map((one) => layerOf(one) + 1));
  return [...imports]
    .map(([name, direct]) => {
      const implied = new Set([...direct].flatMap((one) => [...below(one, [name])]));
      return { name, layer: layerOf(name), imports: [...direct].filter((one) => !implied.has(one)).sort() };
    })
    .sort((one, other) => one.layer - other.layer || one.name.localeCompare(other.name));
}

/** A line for each folder. */
export function printed(folders: readonly Folder[]): string {
  const width = Math.max(...folders.map(({ name }) => name.length));
  const lines = folders.map(({ name, layer, imports }) =>
    `${String(layer).padStart(2)}  ${name.padEnd(width)}  ${imports.length > 0 ? `→ ${imports.join(", ")}` : ""}`.trimEnd(),
  );
  return ["Layers of imports, the lowest first (→ without what comes along):", ...lines].join("\n");
}
