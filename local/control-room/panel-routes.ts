// Routes that panels add to those of the collector (answers.ts).

/** What a GET answers. */
export type Read = (query: URLSearchParams) => Promise<object>;

/** What a POST does; it needs the session's token. @throws {Problem} for what is asked wrongly, or can't be done. */
export type Command = (asked: unknown) => Promise<object>;

/** By path. */
export interface PanelRoutes {
  readonly reads: Readonly<Record<string, Read>>;
  readonly commands: Readonly<Record<string, Command>>;
}

/** The routes of a panel at one path, whose code is loaded with the first request: the start does not wait for it. */
export function panelAt(
  path: string,
  load: () => Promise<{ readonly read: Read; readonly command: Command }>,
): PanelRoutes {
  let loaded: ReturnType<typeof load> | undefined;
  const panel = () => {
    loaded ??= load();
    return loaded;
  };
  return {
    reads: { [path]: async (query) => (await panel()).read(query) },
    commands: { [path]: async (asked) => (await panel()).command(asked) },
  };
}

export const readsOf = (panels: readonly PanelRoutes[]): ReadonlyMap<string, Read> =>
  new Map(panels.flatMap(({ reads }) => Object.entries(reads)));

export const commandsOf = (panels: readonly PanelRoutes[]): Map<string, Command> =>
  new Map(panels.flatMap(({ commands }) => Object.entries(commands)));
