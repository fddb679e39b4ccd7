// The version of Node this project runs on, checked by the first lines of it that run: older ones can't even load the rest.

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  const { existsSync } = require("node:fs");
  const { join } = require("node:path");
  const brought = existsSync(
    join(
      __dirname,
      "..",
      "..",
      "node_modules",
      "node",
      "bin",
      process.platform === "win32" ? "node.exe" : "node",
    ),
  );
  const advice = brought
    ? "npm scripts and npx bring it: use npm start, or npx serverless."
    : "npm brings it unless install scripts are switched off: run npm rebuild node, or install Node.js 24.";
  process.stderr.write(`Node.js ${NEEDED} is needed, this is ${process.version}. ${advice}\n`);
  process.exit(1);
}
