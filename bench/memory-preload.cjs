// Loaded into the system's processes before anything else (node --require): on SIGUSR2 a process and its threads collect their garbage, and each
// writes what it still uses. Not in TypeScript, for which Node would load a parser of 20 MB.

const { existsSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");
const { isMainThread, threadId } = require("node:worker_threads");

const folder = process.env.BENCH_MEMORY;
const file = join(folder, isMainThread ? `${process.pid}` : `${process.pid}.${threadId}`);
/** Is there where a thread is asked: signals reach the main thread alone, and for a message Node would load undici, 13 MB. */
const asked = `${file}.asked`;
const LOOKS_MS = 500;

// Not by a flag of the command line: some packages behave otherwise where there is a global `gc`.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
setFlagsFromString("--no-expose-gc");

function write() {
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(`${file}.new`, JSON.stringify({ heapUsed, external }));
  renameSync(`${file}.new`, file);
}

function look() {
  collect();
  write();
}

// Whoever asks finds all threads by their files.
write();
if (isMainThread) process.on("SIGUSR2", look);
else {
  setInterval(() => {
    if (!existsSync(asked)) return;
    rmSync(asked);
    look();
  }, LOOKS_MS).unref();
  process.on("exit", () => rmSync(file, { force: true }));
}
