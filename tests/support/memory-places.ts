// Places in memory, with the condition of the real ones: for unit tests and simulations.

import type { Places } from "../../functions/notifications/places.ts";

/** At once, for a store that says itself how long things take. */
export class PlacesNow {
  readonly #taken = new Map<string, ReadonlySet<string>>();

  of(owner: string): readonly string[] {
    return [...(this.#taken.get(owner) ?? [])];
  }

  take(owner: string, id: string, most: number): boolean {
    const ids = new Set(this.of(owner));
    if (!ids.has(id) && ids.size >= most) return false;
    this.#taken.set(owner, ids.add(id));
    return true;
  }

  free(owner: string, id: string): void {
    this.#taken.set(owner, new Set(this.of(owner).filter((other) => other !== id)));
  }
}

export function memoryPlaces(): Places {
  const now = new PlacesNow();
  return {
    of: async (owner) => now.of(owner),
    take: async (owner, id, most) => now.take(owner, id, most),
    free: async (owner, id) => now.free(owner, id),
  };
}
