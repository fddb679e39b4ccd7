// The mail server of a simulation: keeps what it took.

import { type Mailer, MailFailure } from "../../../functions/notifications/channels/email.ts";
import type { Process } from "./scheduler.ts";
import type { World } from "./world.ts";

/** A mailer whose mails may be refused, or accepted while the sender gets an error. */
export function mailerFor(world: World, process: Process): Mailer {
  return {
    send({ messageId, to }) {
      const { latency, fault } = world.chance.network();
      if (fault !== undefined) world.fault(`${process.name} mail`, fault);
      return new Promise((resolve, reject) => {
        world.scheduler.after(latency, process, () => {
          if (fault === "refused") return reject(new MailFailure("refused", false));
          world.sent.push({ messageId, to });
          return fault === "reply lost" ? reject(new MailFailure("reply lost", false)) : resolve();
        });
      });
    },
  };
}
