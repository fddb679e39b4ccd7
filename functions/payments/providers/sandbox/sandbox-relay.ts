// The sandbox provider's relay: sends each callback until PaymentService has accepted it.

import { PeerRefusal } from "../../../../lib/contract/client.ts";
import { deliverOutbox } from "../../../../lib/outbox/deliver.ts";
import { createRelay, type Relay } from "../../../../lib/outbox/relay.ts";
import type { AggregateStore } from "../../../../lib/storage/aggregate-store.ts";
import { payments } from "../../contract.ts";
import { sandboxRelay } from "../../relays.ts";
import { callbackBody } from "./callback.ts";
import type { SandboxCharge } from "./charge.ts";
import type { SandboxPorts } from "./ports.ts";
import { SIGNATURE_HEADER, signCallback } from "./signature.ts";

/** The relay of the charges in `store`. */
export function createSandboxRelay(
  store: AggregateStore<SandboxCharge>,
  ports: Pick<SandboxPorts, "call" | "secrets" | "now" | "delivery">,
): Relay {
  return createRelay<SandboxCharge>({
    name: sandboxRelay.name,
    service: payments.service,
    store,
    now: ports.now,
    perform: (charge, _now, scope) =>
      deliverOutbox(
        charge,
        ports.now(),
        scope,
        async ({ payload }, own) => {
          const body = callbackBody(charge, payload);
          const { method, path } = payments.routes.callback;
          const reply = await ports.call(payments.service, {
            caller: payments.service,
            method,
            path: path.replace("{method}", "sandbox"),
            headers: {
              "content-type": "application/json",
              traceparent: own.traceparent,
              [SIGNATURE_HEADER]: signCallback(ports.secrets[0], body, ports.now()),
            },
            body,
            retryable: true,
            deadline: own.deadline,
          });
          if (reply.status < 200 || reply.status > 299)
            throw new PeerRefusal(payments.service, reply.status, "callback_refused", "it is sent again");
          return undefined;
        },
        ports.delivery,
      ),
  });
}
