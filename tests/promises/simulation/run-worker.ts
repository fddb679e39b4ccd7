// A process beside `npm run simulate` that takes a share of its histories.

import * as z from "zod";
import { work } from "./work.ts";

const share = z.object({ seed: z.int(), runs: z.int(), until: z.number() });

process.once("disconnect", () => process.exit(1));
await work(share.parse(JSON.parse(process.argv[2] ?? "")), (part) => process.send?.(part));
process.removeAllListeners("disconnect");
process.disconnect();
