// Runs before each test file: logs are not what tests read, except for what went wrong on our side.

import { setLogSink } from "../../lib/observability/log.ts";

setLogSink((_service, line) => {
  if (line.includes('"level":"error"')) process.stderr.write(line);
});
