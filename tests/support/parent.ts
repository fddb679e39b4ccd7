// A child's side of child.ts: its job, what it says, and its end.

/** The job that this process was begun with. */
export function readJob<Job>(): Job {
  const job: Job = JSON.parse(process.argv[2] ?? "");
  return job;
}

export function send(message: object): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

/** A run that was killed leaves nobody behind. */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(1));
}
