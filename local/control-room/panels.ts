// The panels with routes of their own; each is loaded when it is first opened.

import { CONFIG_ROUTE } from "./config/contract.ts";
import { type PanelRoutes, panelAt } from "./panel-routes.ts";
import { PROVIDER_ROUTE } from "./provider/contract.ts";
import type { Runtimes } from "./runtimes.ts";

export interface PanelPorts {
  readonly runtimes: Runtimes;
}

export const panelsOf = (ports: PanelPorts): readonly PanelRoutes[] => [
  panelAt(CONFIG_ROUTE, async () => (await import("./config/config-routes.ts")).configRoutes(ports)),
  panelAt(PROVIDER_ROUTE, async () => (await import("./provider/provider-routes.ts")).providerRoutes(ports)),
];
