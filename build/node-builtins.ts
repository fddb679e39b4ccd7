// A plugin of esbuild: Node.js's own modules are loaded as require() loads them, and when the code that imports them is.

import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/** For an import by names, and for everything else. */
const [BY_NAMES, WHOLE] = ["node-builtin", "whole-node-builtin"];

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * An ES import of such a module reads all of its exports, and some of these load others that nobody has asked for: `node:fs` loads its
 * promises, and with them the history of a REPL. And esbuild moves the imports of a file that is loaded on demand to the top of the bundle.
 * In a function's start that is 5 to 10 ms of CPU; so are the copies that esbuild makes of a CommonJS module with all its members
 * for each file that imports it. Here a bundle reads what it names: a member with a getter, such as `promises` of `node:fs`, is best
 * used as one of the default import, so that it is loaded when it is used.
 */
export const nodeBuiltins: Plugin = {
  name: "node-builtins",
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_/\d]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      const namespace = kind === "import-statement" ? BY_NAMES : WHOLE;
      return { path: path.replace(/^node:/, ""), namespace, sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: BY_NAMES }, ({ path }) => ({ contents: membersOf(path) }));
    build.onLoad({ filter: /.*/, namespace: WHOLE }, ({ path }) => ({
      contents: `module.exports = ${wholeOf(path)};`,
    }));
  },
};

const wholeOf = (path: string): string => `process.getBuiltinModule(${JSON.stringify(`node:${path}`)})`;

/** An ES module with the members of `path`, of which esbuild leaves out those that nobody imports. */
function membersOf(path: string): string {
  const names = Object.keys(process.getBuiltinModule(`node:${path}`) ?? {});
  const members = names.filter((name) => IDENTIFIER.test(name) && name !== "default");
  return [
    `const whole = ${wholeOf(path)};`,
    "const member = (name) => whole[name];",
    ...members.map(
      (name) => `const _${name} = /* @__PURE__ */ member("${name}"); export { _${name} as ${name} };`,
    ),
    "export default whole;",
  ].join("\n");
}
