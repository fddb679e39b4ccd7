// The roles of functions on AWS, by logical id.

import type { ServiceDefinition } from "../functions/services.ts";
import { camel } from "./logical-id.ts";

/** How the logical id of each role ends. */
export const ROLES_SUFFIX = "Role";

/** The role of functions that use no data, no secret and no other service. */
export const SELF_CONTAINED_ROLE = "SelfContainedRole";

/** The role of all other functions of `service`: `orders` has `OrdersRole`. */
export const roleIdOf = ({ key }: Pick<ServiceDefinition, "key">): string => `${camel(key)}Role`;
