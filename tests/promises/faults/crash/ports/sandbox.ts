// The payment provider and its way back to PaymentService, watched.

import {
  createSandbox as real,
  type Sandbox,
} from "../../../../../functions/payments/providers/sandbox/sandbox.ts";
import { through, watched } from "../passages.ts";

export * from "../../../../../functions/payments/providers/sandbox/sandbox.ts";

export function createSandbox(ports: Parameters<typeof real>[0]): Sandbox {
  const call: typeof ports.call = (service, request) =>
    through("sandbox's callback", () => ports.call(service, request));
  const sandbox = real({ ...ports, call });
  return { ...sandbox, provider: watched("provider", sandbox.provider) };
}
