// Which file may import which (the layout of this project): pure rules, applied by imports.ts.

/** `orders` for everything in functions/orders/. */
const serviceOf = (path: string): string | undefined => /^functions\/([^/]+)\//.exec(path)?.[1];
const isTest = (path: string): boolean => /(\.test|\/test-[\w-]+)\.ts$/.test(path);

/**
 * Why `from` may not import `to`, both paths from the project's root; undefined when it may. Tests may reach down to the
 * runtime and to what tests share.
 */
export function objectionTo(from: string, to: string): string | undefined {
  const [layer, target] = [from.split("/")[0], to.split("/")[0]];
  if (layer === "lib" || layer === "functions") {
    if (isTest(to) && !isTest(from)) return "nothing deployed imports what tests share";
    const beyond = target === "local" || target === "tests" || target === "bench" || target === "tools";
    if (beyond && !isTest(from)) return "nothing deployed imports the local runtime, tools or tests";
  }
  if (layer === "lib" && target === "functions") return "lib knows no service";
  const [own, other] = [serviceOf(from), serviceOf(to)];
  if (other === undefined || own === other || to === `functions/${other}/contract.ts`) return undefined;
  if (layer === "functions") return "of another service only its contract";
  return layer === "local" ? "the runtime knows services by their contracts" : undefined;
}

/** What a source text imports, re-exports or loads, if it is named by a relative path. */
export function relativeImports(source: string): string[] {
  const named = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g;
  return [...source.matchAll(named)].flatMap(([, path]) => path ?? []);
}
