// What can be killed.

const SERVICES = ["orders", "payments", "notifications"] as const;

export type ServiceKey = (typeof SERVICES)[number];

/** `runtime` is that of any one service; registry and database live in one process, so each takes the other along. */
export const PARTS = ["runtime", ...SERVICES, "sidecar", "registry", "database"] as const;

export type Part = (typeof PARTS)[number];

/** The parts named in `text`, separated by commas. @throws {Error} for one that does not exist. */
export function partsOf(text: string): readonly Part[] {
  return text.split(",").map((name) => {
    const part = PARTS.find((known) => known === name.trim());
    if (!part) throw new Error(`There is no part "${name}". --parts takes: ${PARTS.join(", ")}.`);
    return part;
  });
}

export const SERVICE_KEYS: readonly ServiceKey[] = SERVICES;
