// npm run test:servers: journeys against what the image runs (local/server), with database, registry and mail server of their own.
// What is given on the command line goes to Jest.

import { report } from "../../support/command.ts";
import { runJest } from "../../support/jest.ts";

const JOURNEYS = ["main-journey", "bad-input", "live-push"].map((name) => `tests/system/journeys/${name}`);

// What was started is ended when this process exits, so it must exit rather than be ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

report(await runJest([...JOURNEYS, ...process.argv.slice(2)], { TEST_HOST: "server" }));
