// What components share: data that is read and kept up to date, and the reader's settings.

import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { History, Outbox } from "../api.ts";
import type { SystemMap } from "../map-contract.ts";
import type { PromisesView } from "../orders/contract.ts";
import { ApiError, read } from "./client.ts";
import { live } from "./live.ts";
import { type Locale, type Translate, translator } from "./texts.ts";

export const LocaleContext = createContext<Locale>("en");

export function useTexts(): Translate {
  return translator(useContext(LocaleContext));
}

/** The last map that arrived; shared by all panels. */
export const MapContext = createContext<SystemMap | undefined>(undefined);

export interface Loaded<T> {
  readonly data: T | undefined;
  /** Why it could not be read, as a sentence. */
  readonly error: string | undefined;
  /** Whether it is not known: the server answered 404. */
  readonly missing: boolean;
  readonly again: () => void;
}

/** Reads `path` (nothing where it is undefined) at first, when it changes, after a reset and at `again`. */
export function useRead<T>(
  path: string | undefined,
  query: Readonly<Record<string, string>> = {},
): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: Error }>({});
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(query);
  const again = () => setTurn((before) => before + 1);
  useEffect(() => live.on("reset", again), []);
  // The query by its content, and each turn.
  useEffect(() => {
    if (path === undefined) return setState({});
    const gone = new AbortController();
    read<T>(path, query, gone.signal).then(
      (data) => setState({ data }),
      (error: Error) => {
        if (!gone.signal.aborted) setState((before) => ({ ...before, error }));
      },
    );
    return () => gone.abort();
  }, [path, key, turn]);
  const { data, error } = state;
  const missing = error instanceof ApiError && error.status === 404;
  return { data, error: error?.message, missing, again };
}

interface Kinds {
  readonly outbox: Outbox;
  readonly history: History;
  readonly promises: PromisesView;
}

/** What was read, or what has arrived since. */
export function useLatest<E extends keyof Kinds>(
  event: E,
  path: string,
): Pick<Loaded<Kinds[E]>, "data" | "error"> {
  const { data, error } = useRead<Kinds[E]>(path);
  const [arrived, setArrived] = useState<Kinds[E]>();
  useEffect(() => live.on(event, setArrived), [event]);
  return { data: arrived ?? data, error };
}
