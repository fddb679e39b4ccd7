// The process with all live connections, which also sends what they are notified of: one clock for both ends.

import { endWithParent, readJob, send } from "../../tests/support/parent.ts";
import { Clients } from "./clients.ts";
import type { ClientsJob, ToClients } from "./messages.ts";

endWithParent();
const clients = new Clients(readJob<ClientsJob>());
process.on("message", async (message: ToClients) => {
  if (message.type === "connect") {
    await clients.connect(message.connections, message.users);
    send({ type: "connected" });
  } else {
    send({ type: "notified", notified: await clients.notify(message) });
  }
});
