// Every command of this project loads this first, by whatever version of Node.js it is run: what follows is TypeScript, which an
// older one can't read. npm scripts are run by the version that the package `node` brings, where its install script was allowed.

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  const binary = process.platform === "win32" ? "node.exe" : "node";
  const brought = existsSync(join(__dirname, "..", "..", "node_modules", "node", "bin", binary));
  const advice = brought
    ? "npm scripts and npx run by it: use npm start, npm run …, or npx serverless."
    : "npm brings it unless install scripts are switched off: run npm rebuild node, or install Node.js 24.";
  process.stderr.write(`Node.js ${NEEDED} is needed, this is ${process.version}. ${advice}\n`);
  process.exit(1);
}
