// Routes that panels add to those of the collector (answers.ts).

/** What a GET answers; `parameter`: the part of the path that its `:x` stands for. */
export type Read = (query: URLSearchParams, parameter: string) => Promise<object>;

/** An HTML document of somebody else's, which is shown in a frame. */
export type Foreign = (parameter: string) => Promise<string>;

/** What a POST does; it needs the session's token. @throws {Problem} for what is asked wrongly, or can't be done. */
export type Command = (asked: unknown) => Promise<object>;

/** By path. */
export interface PanelRoutes {
  readonly reads: Readonly<Record<string, Read>>;
  readonly commands: Readonly<Record<string, Command>>;
  readonly foreign?: Readonly<Record<string, Foreign>>;
}

/** The routes of a panel at one path, whose code is loaded with the first request: the start does not wait for it. */
export function panelAt(
  path: string,
  load: () => Promise<{ readonly read: () => Promise<object>; readonly command: Command }>,
): PanelRoutes {
  const panel = loadedOnce(load);
  return {
    reads: { [path]: async () => (await panel()).read() },
    commands: { [path]: async (asked) => (await panel()).command(asked) },
  };
}

/** What `load` resolves to, loaded when it is first asked for. */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

export const readsOf = (panels: readonly PanelRoutes[]): ReadonlyMap<string, Read> =>
  new Map(panels.flatMap(({ reads }) => Object.entries(reads)));

/** The documents of others, by path. */
export const foreignOf = (panels: readonly PanelRoutes[]): ReadonlyMap<string, Foreign> =>
  new Map(panels.flatMap(({ foreign = {} }) => Object.entries(foreign)));

/** A path whose `:x` stands for a parameter of up to 200 characters, each of which may be nine in the path, as a pattern that finds it. */
export const patternOf = (route: string): RegExp =>
  new RegExp(`^${route.replace(/:\w+/, "([^/]{1,1800})")}$`);

export const commandsOf = (panels: readonly PanelRoutes[]): Map<string, Command> =>
  new Map(panels.flatMap(({ commands }) => Object.entries(commands)));
