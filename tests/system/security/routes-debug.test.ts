// Who may do what with DEBUG=True, as on a laptop.

import { routeSuite } from "./route-suite.ts";

await routeSuite(true);
