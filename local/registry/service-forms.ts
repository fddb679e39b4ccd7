// What is made of a service's instances to be sent, kept until the service changes: the same list goes to hundreds of clients.

import type { Service } from "./service-table.ts";

/** Most forms of one service that are kept: each client may name clusters as it likes. */
const MAX_FORMS = 16;

interface Kept<T> {
  readonly changedAt: number;
  readonly forms: Map<string, T>;
}

export class ServiceForms<T> {
  readonly #kept = new WeakMap<Service, Kept<T>>();

  /** The form called `name` of the service as it is now, by `make` when it is not kept. */
  get(service: Service, name: string, make: () => T): T {
    let kept = this.#kept.get(service);
    if (kept?.changedAt !== service.changedAt) {
      kept = { changedAt: service.changedAt, forms: new Map() };
      this.#kept.set(service, kept);
    }
    const known = kept.forms.get(name);
    if (known !== undefined) return known;
    if (kept.forms.size >= MAX_FORMS) kept.forms.clear();
    const made = make();
    kept.forms.set(name, made);
    return made;
  }
}
