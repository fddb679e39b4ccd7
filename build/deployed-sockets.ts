// Which functions of WebSocket APIs are deployed.

import type { ServiceDefinition } from "../functions/services.ts";

/** None with `LIVE_PUSH=off`, for regions and emulators that have no WebSocket APIs: clients read the feed instead. */
export const deployedSockets = ({
  sockets,
}: ServiceDefinition): NonNullable<ServiceDefinition["sockets"]>["functions"] =>
  process.env["LIVE_PUSH"] === "off" || sockets === undefined ? [] : sockets.functions;
