// Hints, watched; they may also get lost.

import { hintTo as real } from "../../../../../lib/outbox/hint.ts";
import { faults, through } from "../passages.ts";

export * from "../../../../../lib/outbox/hint.ts";

export const hintTo: typeof real = (service, name, relay) => {
  const hint = real(service, name, relay);
  return async (id, traceparent) => {
    if (faults.hintsLost) return;
    await through(`hint ${name}`, () => hint(id, traceparent));
  };
};
