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

/** After what could not be read; it is what a runtime takes to report. */
const AGAIN_MS = 1_000;

/**
 * Reads `path` (nothing where it is undefined) at first, when it changes, after a reset and at `again`; and a second after it could not be
 * read because of the system's state: it may be starting.
 */
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
    let soon: ReturnType<typeof setTimeout> | undefined;
    read<T>(path, query, gone.signal).then(
      (data) => setState({ data }),
      (error: Error) => {
        if (gone.signal.aborted) return;
        setState((before) => ({ ...before, error }));
        if (mayPass(error)) soon = setTimeout(again, AGAIN_MS);
      },
    );
    return () => {
      gone.abort();
      clearTimeout(soon);
    };
  }, [path, key, turn]);
  const { data, error } = state;
  return { data, error: error?.message, missing: statusOf(error) === 404, again };
}

const statusOf = (error: Error | undefined): number | undefined =>
  error instanceof ApiError ? error.status : undefined;

/** Whether it is not the question that is wrong. */
function mayPass(error: Error): boolean {
  const status = statusOf(error) ?? 500;
  return status === 409 || status >= 500;
}

const CHANGES_MS = 1_000;

/**
 * Calls `again` when requests have been made or promises judged, once a second at most: what they have changed is read anew. No event
 * names an order.
 */
export function useChanges(again: () => void): void {
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      soon ??= setTimeout(() => {
        soon = undefined;
        again();
      }, CHANGES_MS);
    };
    const ends = [live.on("traces", changed), live.on("promises", changed)];
    return () => {
      for (const end of ends) end();
      clearTimeout(soon);
    };
  }, []);
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
