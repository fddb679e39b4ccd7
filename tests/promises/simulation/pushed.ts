// Whether each notification was pushed: to a connection, or to its user's browser; once under one name, and to nobody else.

import { pushStatus } from "../../../functions/notifications/notification.ts";
import type { World } from "./world.ts";

/** Checks what was pushed against what was recorded. */
export function checkPushes(world: World): void {
  const { push, commits } = world;
  for (const { notification: id, topic, user } of [...push.accepted, ...push.taken]) {
    const notification = commits.notifications.get(id);
    if (notification === undefined) world.broken("push", `${id} was pushed to ${user}, and never recorded`);
    else if (notification.user_id !== user)
      world.broken("private", `${user} is pushed the notification ${id} of ${notification.user_id}`);
    if (topic !== undefined && topic !== id.replaceAll("-", ""))
      world.broken("push", `${id} is pushed under another topic, ${topic}`);
  }
  for (const { id, user_id, event, deleted_at, ...rest } of commits.notifications.values()) {
    const at = push.subscribed.get(user_id);
    if (at === undefined || deleted_at !== null) continue;
    const taken = push.taken.some(({ notification }) => notification === id);
    const accepted = push.accepted.filter(({ notification }) => notification === id);
    if (!taken && !accepted.some((reached) => reached.at === at))
      world.broken("push", `${event} of ${user_id} is recorded, and pushed to nobody`);
    const status = pushStatus({ id, user_id, event, deleted_at, ...rest });
    const reached = status === "delivered" ? taken : status === "sent" && accepted.length > 0;
    if (!reached) world.broken("push", `the push of ${event} for ${user_id} ends as ${status}`);
  }
}
