// Loaded before anything else (`NODE_OPTIONS=--import …`) into the runtime and the helper process of a system under test:
// puts the watched ports in the place of the real modules, and listens to the suite.

import { createRequire, registerHooks } from "node:module";
import { settableClock } from "./clock.ts";
import { serveControl } from "./control.ts";
import { unwatched } from "./passages.ts";

const ROOT = new URL("../../../../", import.meta.url);

/** Module of the product → the one that is loaded instead, which wraps it. */
const RUNTIME = new Map([
  ["lib/storage/dynamo-table.ts", "dynamo-table.ts"],
  ["lib/contract/client.ts", "client.ts"],
  ["lib/outbox/hint.ts", "hint.ts"],
  ["functions/payments/providers/sandbox/sandbox.ts", "sandbox.ts"],
  ["functions/notifications/channels/email.ts", "email.ts"],
  ["functions/notifications/contacts.ts", "contacts.ts"],
  ["functions/notifications/live/connection-records.ts", "connection-records.ts"],
  ["functions/notifications/live/instance-transport.ts", "instance-transport.ts"],
  ["functions/notifications/push/push-service.ts", "push-service.ts"],
  ["functions/notifications/push/subscription-records.ts", "subscription-records.ts"],
  ["functions/notifications/webhooks/delivery-log.ts", "delivery-log.ts"],
  ["functions/notifications/webhooks/webhook-records.ts", "webhook-records.ts"],
  ["functions/notifications/webhooks/webhook-sender.ts", "webhook-sender.ts"],
]);
const HELPER = new Map([["local/database/disk.ts", "disk.ts"]]);

const [runtimePort, helperPort] = (process.env["CRASH_CONTROL"] ?? "").split(",").map(Number);
const script = process.argv[1] ?? "";
if (script.endsWith("local/helper/main.ts")) watch(HELPER, helperPort);
else if (/serverless(\.js)?$/.test(script)) {
  settableClock();
  watch(RUNTIME, runtimePort);
}

function watch(modules: ReadonlyMap<string, string>, port: number | undefined): void {
  if (!port) return;
  const replaced = new Map(
    [...modules].map(([path, wrapper]) => [
      new URL(path, ROOT).href,
      { path, url: new URL(`ports/${wrapper}`, import.meta.url).href },
    ]),
  );
  for (const path of modules.keys()) unwatched.add(path);
  findWithTheseHooks();
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const wrapper = replaced.get(found.url);
      // The wrapper itself gets the real one.
      if (wrapper === undefined || context.parentURL === wrapper.url) return found;
      unwatched.delete(wrapper.path);
      return { ...found, url: wrapper.url };
    },
  });
  serveControl(port);
}

/** The runtime finds its own files by a hook of its own, which asks no other: begun after these, it would find the real modules. */
function findWithTheseHooks(): void {
  const own = createRequire(ROOT)("./local/shared/own-imports.cjs");
  own.endOwnImports();
  own.beginOwnImports = () => {};
}
