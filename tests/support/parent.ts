// A child's side of child.ts: its job, its messages, and its end.

/** The job that this process was started with. */
export function readJob<Job>(): Job {
  const job: Job = JSON.parse(process.argv[2] ?? "");
  return job;
}

export function send(message: object): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

/** Ends this process with its parent, so that a killed run leaves no process. */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(1));
}
