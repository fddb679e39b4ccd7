// Requests to the control room's API.

import { type Action, type ActionResult, ROUTES, type Session, TOKEN_HEADER } from "../api.ts";
import { searchOf } from "./route.ts";

/** A reply that is no success, with the problem's detail as its message. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
  }
}

/** What a GET of `path` answers. @throws {ApiError} or a TypeError when nothing answers. */
export async function read<T>(
  path: string,
  query: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<T> {
  const search = searchOf(query);
  const reply = await fetch(`${path}${search === "" ? "" : `?${search}`}`, signal ? { signal } : {});
  return await bodyOf<T>(reply);
}

let session: Promise<Session> | undefined;

/** The session, read once until {@link forgetSession}. */
export function readSession(): Promise<Session> {
  session ??= read<Session>(ROUTES.session).catch((error: unknown) => {
    session = undefined;
    throw error;
  });
  return session;
}

/** After the helper was restarted its token is another one. */
export function forgetSession(): void {
  session = undefined;
}

/** Asks for an action. @throws {ApiError} */
export const act = (action: Action): Promise<ActionResult> => send<ActionResult>(ROUTES.actions, action);

/** What a POST to `path` answers; with a new token once, where the helper has been restarted. @throws {ApiError} */
export async function send<T>(path: string, asked: object): Promise<T> {
  try {
    return await post<T>(path, asked);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    forgetSession();
    return await post<T>(path, asked);
  }
}

async function post<T>(path: string, asked: object): Promise<T> {
  const { token } = await readSession();
  const reply = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", [TOKEN_HEADER]: token },
    body: JSON.stringify(asked),
  });
  return await bodyOf<T>(reply);
}

async function bodyOf<T>(reply: Response): Promise<T> {
  if (reply.ok) {
    const value: T = await reply.json();
    return value;
  }
  const problem: { readonly detail?: string } = await reply.json().catch(() => ({}));
  throw new ApiError(reply.status, problem.detail ?? String(reply.status));
}
