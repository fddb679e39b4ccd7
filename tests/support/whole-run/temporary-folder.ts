// One folder for everything that a run of the tests writes, removed when the run ends. A test removes what it has made itself; what a
// process that was killed, or a test that failed, has not removed would stay on the machine otherwise.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Before the first test: the processes of the run, and those that they start, get the folder as theirs for temporary files. */
export function setup(): void {
  process.env["SHARED_TMPDIR"] = tmpdir();
  process.env["TMPDIR"] = mkdtempSync(join(tmpdir(), "cfmp-tests-"));
}

/** After the last test. What a process that is just ending still writes is waited for. */
export function teardown(): void {
  const folder = process.env["TMPDIR"];
  if (folder === undefined || process.env["SHARED_TMPDIR"] === undefined) return;
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
