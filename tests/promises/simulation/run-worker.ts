// A process beside `npm run simulate` that takes a share of its histories.

import { endWithParent, readJob, send } from "../../support/parent.ts";
import { type Share, work } from "./work.ts";

endWithParent();
await work(readJob<Share>(), send);
process.removeAllListeners("disconnect");
process.disconnect();
