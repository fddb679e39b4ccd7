// An unknown payment provider, planted in a copy of this project: a folder and a line.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const INDEX = `// Lemon Stand: paid at the counter.

import * as z from "zod";
import { defineProvider } from "../definition.ts";

const replies = { taken: { status: 204, body: undefined }, refused: () => undefined } as const;

export const lemonStand = defineProvider({
  method: "lemon_stand",
  name: "Lemon Stand",
  needed: {
    LEMON_STAND_ID: z.string().describe("Id of your stand"),
    LEMON_STAND_KEY: z.string().describe("Its key"),
  },
  further: { LEMON_STAND_CUPS: z.enum(["one", "two"]).default("two").describe("How many cups") },
  checks: { whileLive: 1_000, afterEnd: undefined },
  replies,
  async load(settings) {
    const { createLemonStand } = await import("./lemon-stand.ts");
    return createLemonStand(settings.LEMON_STAND_ID, replies);
  },
});
`;

const ADAPTER = `// The counter takes any cup, and reports nothing.

import { unauthenticated } from "../../../../lib/core/domain-error.ts";
import type { CallbackReplies, Provider } from "../provider.ts";

export const createLemonStand = (id: string, replies: CallbackReplies): Provider => ({
  method: "lemon_stand",
  replies,
  open: async () => ({ code: id }),
  query: async () => ({ state: "open" }),
  close: async () => ({ state: "closed" }),
  refund: async () => "done",
  queryRefund: async () => "unknown",
  async parseCallback() {
    throw unauthenticated("signature_invalid", "The counter signs nothing.");
  },
});
`;

const FOLDER = "functions/payments/providers";

/** The files that are written by hand. */
export const PLANTED = [
  `${FOLDER}/index.ts`,
  `${FOLDER}/lemon-stand/index.ts`,
  `${FOLDER}/lemon-stand/lemon-stand.ts`,
] as const;

/** Plants it in the copy at `root`. */
export async function plantProvider(root: string): Promise<void> {
  const [list, index, adapter] = PLANTED;
  await mkdir(join(root, FOLDER, "lemon-stand"));
  await writeFile(join(root, index), INDEX);
  await writeFile(join(root, adapter), ADAPTER);
  const before = await readFile(join(root, list), "utf8");
  const line = 'export { lemonStand } from "./lemon-stand/index.ts";\n';
  await writeFile(join(root, list), before.replace(/(?=^export \{ sandbox \})/m, line));
}
