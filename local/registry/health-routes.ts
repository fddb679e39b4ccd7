// Whether the registry is up, by the paths at which tools ask a Nacos server.

import type { ApiReply, Routes } from "./http-edge.ts";

const UP: ApiReply = { type: "application/json", body: JSON.stringify({ status: "UP" }) };

export const healthRoutes: Routes = {
  "GET /v1/ns/operator/metrics": () => UP,
  "GET /actuator/health": () => UP,
};
