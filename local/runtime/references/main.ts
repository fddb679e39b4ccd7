// Prints the values of the references on its command line, as JSON, for the process that started it.

import { readSecrets } from "../../../lib/config/secret-stores.ts";
import { messageOf } from "../../../lib/core/failure-text.ts";

const answer = await readSecrets(process.argv.slice(2)).then(
  (values) => ({ values: Object.fromEntries(values) }),
  (error: unknown) => ({ failure: messageOf(error) }),
);
process.stdout.write(JSON.stringify(answer));
