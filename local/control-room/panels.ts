// The panels with routes of their own; each is loaded when it is first opened.

import { CONFIG_ROUTE } from "./config/contract.ts";
import { PARKED_ROUTE } from "./outbox/contract.ts";
import { loadedOnce, type PanelRoutes, panelAt } from "./panel-routes.ts";
import { PROVIDER_ROUTE } from "./provider/contract.ts";
import type { Runtimes } from "./runtimes.ts";
import { SENT_HTML_ROUTE, SENT_ONE_ROUTE, SENT_ROUTE } from "./sent/contract.ts";
import type { SentRecords } from "./sent/sent-records.ts";

export interface PanelPorts {
  readonly runtimes: Runtimes;
  readonly sent: SentRecords;
  /** Where the mail catcher is; null: there is none. */
  readonly mailUrl: () => string | null;
}

export const panelsOf = (ports: PanelPorts): readonly PanelRoutes[] => [
  panelAt(CONFIG_ROUTE, async () => (await import("./config/config-routes.ts")).configRoutes(ports)),
  panelAt(PROVIDER_ROUTE, async () => (await import("./provider/provider-routes.ts")).providerRoutes(ports)),
  panelAt(PARKED_ROUTE, async () => (await import("./outbox/parked-routes.ts")).parkedRoutes(ports)),
  sentPanel(ports),
];

function sentPanel({ sent: records, ...ports }: PanelPorts): PanelRoutes {
  const panel = loadedOnce(async () =>
    (await import("./sent/sent-routes.ts")).sentRoutes({ records, ...ports }),
  );
  return {
    reads: {
      [SENT_ROUTE]: async (query) => (await panel()).list(query),
      [SENT_ONE_ROUTE]: async (_, id) => (await panel()).one(id),
    },
    commands: { [SENT_ROUTE]: async (asked) => (await panel()).command(asked) },
    foreign: { [SENT_HTML_ROUTE]: async (id) => (await panel()).html(id) },
  };
}
