// The routes of each service, each with the function that its handler runs.

import { services } from "../../../functions/services.ts";
import type { ReplyOf, Route } from "../../../lib/contract/route.ts";
import type { HttpRequest } from "../../../lib/http/handler.ts";
import { handlersOf } from "../../support/handlers.ts";
import { type Answering, answering, served } from "./edge.ts";

type Handle<S> = (service: S, request: HttpRequest<Route>) => Promise<ReplyOf<Route>>;

/** Answers requests to the service `name`, which is of the kind `S`; documents and health are no part of a simulation. */
export async function routesOf<S>(name: string): Promise<Answering<S>> {
  const definition = services.find(({ contract }) => contract.service === name);
  if (!definition) throw new Error(`There is no ${name}`);
  const routes = (await handlersOf(definition)).flatMap(({ route, module }) => {
    const handle: unknown = Reflect.get(module, "handle");
    return isHandle<S>(handle) ? [served(definition.contract, route, handle)] : [];
  });
  return answering(routes);
}

/** By convention every handler of a service that needs its state exports one. */
const isHandle = <S>(value: unknown): value is Handle<S> => typeof value === "function";
