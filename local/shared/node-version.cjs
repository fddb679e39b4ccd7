// Every command of this project loads this first, by whatever version of Node.js it is run: what follows is TypeScript, which an
// older one can't read. npm scripts are run by the version that `local/node` brings.

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  const brought = existsSync(join(__dirname, "..", "..", "node_modules", ".bin", "node"));
  // npm 10 removes the link together with the packages of other platforms, which have the same one; local/node/link.cjs makes it again.
  const advice = brought
    ? "npm scripts and npx run by it: use npm start, npm run …, or npx serverless."
    : "npm ci brings it for most platforms, unless npm leaves optional packages out; after an npm ci --ignore-scripts by npm 10, npm rebuild puts it in its place. Or install Node.js 24.";
  process.stderr.write(`Node.js ${NEEDED} is needed, this is ${process.version}. ${advice}\n`);
  process.exit(1);
}
