// Log groups on AWS: one for the functions of each role, so that a service is read in one place and a function costs no resource more.

import { ROLES_SUFFIX } from "./role-ids.ts";

/** Logical id of the log group of the functions with this role: `OrdersRole` has `OrdersLogs`. */
export const logGroupId = (role: string): string => `${role.slice(0, -ROLES_SUFFIX.length)}Logs`;

/** Its name; `prefix` is the first part of all names on AWS, `cfmp-order-dev`. Lambda's own names begin in the same way. */
export const logGroupName = (prefix: string, role: string): string =>
  `/aws/lambda/${prefix}-${dashed(role.slice(0, -ROLES_SUFFIX.length))}`;

/** `SelfContained`: `self-contained`. */
const dashed = (name: string): string => name.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

/** A log group for each of `roles`, by logical id. */
export const logGroupResources = (roles: readonly string[], prefix: string, retentionDays: number) =>
  Object.fromEntries(
    roles.map((role) => [
      logGroupId(role),
      {
        Type: "AWS::Logs::LogGroup",
        Properties: { LogGroupName: logGroupName(prefix, role), RetentionInDays: retentionDays },
      },
    ]),
  );
