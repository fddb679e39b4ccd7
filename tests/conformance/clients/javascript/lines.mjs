// The line protocol of the drivers: a command a line on standard input, a reply or an event a line on standard output.

import { createInterface } from "node:readline";

// Clients print too: what is for the runner goes out by `write`.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

export const say = (message) => write(`${JSON.stringify(message)}\n`);

/** Runs each command by the function of its name. */
export async function drive(commands) {
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: name, ...given } = JSON.parse(line);
    try {
      say({ done: (await commands[name](given)) ?? null });
    } catch (error) {
      say({ failed: String(error) });
    }
  }
  process.exit(0);
}
