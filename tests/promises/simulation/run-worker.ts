// A process beside `npm run simulate` that takes a share of its histories.

import { endWithParent, readJob, tell } from "../../support/parent.ts";
import { type Share, work } from "./work.ts";

endWithParent();
await work(readJob<Share>(), tell);
process.removeAllListeners("disconnect");
process.disconnect();
