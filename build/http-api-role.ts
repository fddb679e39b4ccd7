// The role with which the HTTP API runs functions: those of its routes, and no other.

import type { FunctionDefinition } from "./functions.ts";
import { type RoleResource, role } from "./role.ts";
import { invoke } from "./statement.ts";

/** Its logical id. */
export const HTTP_API_ROLE = "HttpApiRole";

/** The role, by logical id; AWS knows each of `functions` as `<prefix>-<name>`. */
export function httpApiRoleResource(
  functions: Readonly<Record<string, Pick<FunctionDefinition, "events">>>,
  prefix: string,
): Readonly<Record<string, RoleResource>> {
  const names = Object.entries(functions).flatMap(([name, { events }]) =>
    events.some((event) => "httpApi" in event) ? [name] : [],
  );
  return {
    [HTTP_API_ROLE]: role(
      `${prefix}-\${AWS::Region}-http-api`,
      "The HTTP API, which runs the functions of its routes",
      [invoke("Routes", names, prefix)],
      "apigateway",
    ),
  };
}
