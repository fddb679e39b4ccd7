// Who may do what with DEBUG=False, as in production.

import { routeSuite } from "./route-suite.ts";

await routeSuite(false);
