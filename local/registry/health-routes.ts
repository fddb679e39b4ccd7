// Whether the registry is up, by the paths at which tools ask a Nacos server.

import { json } from "./api-reply.ts";
import type { Routes } from "./http-edge.ts";
import { success } from "./v3-reply.ts";

const UP = json({ status: "UP" });

export const healthRoutes: Routes = {
  "GET /v1/ns/operator/metrics": () => UP,
  "GET /actuator/health": () => UP,
  "GET /v3/admin/core/state/liveness": () => success("ok"),
  "GET /v3/admin/core/state/readiness": () => success("ok"),
};
