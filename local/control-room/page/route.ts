// Which panel is shown, with which filters: the part of the address behind `#`, so that each view can be linked.

export const PANELS = [
  "map",
  "promises",
  "orders",
  "traces",
  "logs",
  "faults",
  "provider",
  "outbox",
  "sent",
  "metrics",
  "config",
] as const;
export type Panel = (typeof PANELS)[number];

export interface Route {
  readonly panel: Panel;
  readonly query: Readonly<Record<string, string>>;
}

/** The map for what is no panel. */
export function routeOf(hash: string): Route {
  const [name = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  const panel = PANELS.find((each) => each === name) ?? "map";
  return { panel, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** A link to a panel; filters that are empty are left out. */
export function hashOf(panel: Panel, query: Readonly<Record<string, string>> = {}): string {
  const search = searchOf(query);
  return `#/${panel}${search === "" ? "" : `?${search}`}`;
}

export const searchOf = (query: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
