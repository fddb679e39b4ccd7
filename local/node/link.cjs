// Runs after `npm ci`. npm 10, which comes with Node.js 20 and 22, removes the link to Node 24 together with the packages for other
// platforms, which have a link of the same name: here it is made again.

const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { optionalDependencies } = require("./package.json");

const project = join(__dirname, "..", "..");
const modules = join(project, "node_modules");
const brought = Object.keys(optionalDependencies).find((name) => existsSync(join(modules, name)));

if (brought !== undefined && !existsSync(join(modules, ".bin", "node"))) {
  const npm = process.env["npm_execpath"];
  const { status } =
    npm === undefined
      ? spawnSync(`npm rebuild ${brought}`, { cwd: project, shell: true })
      : spawnSync(process.execPath, [npm, "rebuild", brought], { cwd: project });
  if (status !== 0) process.stderr.write(`Node.js 24 has no link: npm rebuild ${brought} makes it.\n`);
}
