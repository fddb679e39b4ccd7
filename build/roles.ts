// The roles of functions as CloudFormation resources: what a service's functions may do on AWS, and nothing else.

import type { ServiceDefinition } from "../functions/services.ts";
import { holdsAggregates, type TableDefinition } from "../lib/storage/table-definition.ts";
import { deployedSockets } from "./deployed-sockets.ts";
import { type FunctionSettings, liveParameter, type ServiceEnvironments } from "./environment.ts";
import { logGroupId } from "./log-groups.ts";
import { peersOf } from "./peer-routes.ts";
import { RELAY_FAILURES } from "./relay-failures.ts";
import { type RoleResource, role } from "./role.ts";
import { roleIdOf, SELF_CONTAINED_ROLE } from "./role-ids.ts";
import { secretStatements } from "./secret-statements.ts";
import { allow, invoke, type Statement } from "./statement.ts";
import { tableId } from "./tables.ts";

export interface RoleOptions {
  /** `cfmp-order-dev`: the first part of all names on AWS. */
  readonly prefix: string;
  readonly environments: ServiceEnvironments;
  /** ARN of the customer's KMS key that encrypts the secrets; empty where AWS manages it. */
  readonly secretsKey: string;
}

/**
 * A role for each of `services`, and one for the self-contained functions of all, by logical id. AWS knows each function as
 * `<prefix>-<name>`; `environments` have the references to the secrets that they read. Every resource is named: no role allows anything on what another service owns.
 */
export function roleResources(
  services: readonly ServiceDefinition[],
  { prefix, environments, secretsKey }: RoleOptions,
): Readonly<Record<string, RoleResource>> {
  const own = services.map((service): [string, RoleResource] => [
    roleIdOf(service),
    role(`${prefix}-\${AWS::Region}-${service.key}`, `Functions of ${service.contract.service}`, [
      logs(roleIdOf(service)),
      ...service.tables.flatMap(tableStatements),
      ...relayStatements(service, prefix),
      ...peerStatements(service, services, prefix),
      ...secretStatements(environments.get(service.key) ?? {}, secretsKey),
      ...liveStatements(environments.get(service.key) ?? {}, prefix),
      ...socketStatements(service),
    ]),
  ]);
  const selfContained = role(
    `${prefix}-\${AWS::Region}-self-contained`,
    "Functions that use no data: documentation, and replies where no route matches",
    [logs(SELF_CONTAINED_ROLE)],
  );
  return { ...Object.fromEntries(own), [SELF_CONTAINED_ROLE]: selfContained };
}

/** The log group is part of the stack, so nothing has to create it. Its ARN stands for its streams. */
const logs = (role: string): Statement =>
  allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], [{ "Fn::GetAtt": [logGroupId(role), "Arn"] }]);

/** Aggregates are read and written whole, and found by their indexes; records are updated in place. */
function tableStatements(table: TableDefinition): readonly Statement[] {
  const id = tableId(table.name);
  const indexes = [...table.indexes, ...table.keyIndexes];
  const write = holdsAggregates(table) ? "dynamodb:PutItem" : "dynamodb:UpdateItem";
  return [
    allow(
      id,
      ["dynamodb:GetItem", write, ...(table.deletes === true ? ["dynamodb:DeleteItem"] : [])],
      [{ "Fn::GetAtt": [id, "Arn"] }],
    ),
    ...(indexes.length === 0
      ? []
      : [
          allow(
            `${id}Indexes`,
            ["dynamodb:Query"],
            indexes.map(({ name }) => ({ "Fn::Sub": `\${${id}.Arn}/index/${name}` })),
          ),
        ]),
  ];
}

/** Its functions invoke its relays; Lambda puts those relays' failed runs into the queue on behalf of their role. */
const relayStatements = ({ relays }: ServiceDefinition, prefix: string): readonly Statement[] =>
  relays.length === 0
    ? []
    : [
        invoke(
          "Relays",
          relays.map(({ name }) => name),
          prefix,
        ),
        allow("FailedRuns", ["sqs:SendMessage"], [{ "Fn::GetAtt": [RELAY_FAILURES, "Arn"] }]),
      ];

/** The parameter of the live configuration, where there is one. */
function liveStatements(settings: FunctionSettings, prefix: string): readonly Statement[] {
  const name = liveParameter(settings, prefix);
  if (name === undefined) return [];
  const arn = `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${name}`;
  return [allow("LiveConfiguration", ["ssm:GetParameter"], [{ "Fn::Sub": arn }])];
}

/** It sends on the connections of the WebSocket API, which osls names so, asks whether they are open, and closes them. */
const socketStatements = (service: ServiceDefinition): readonly Statement[] =>
  deployedSockets(service).length === 0
    ? []
    : [
        allow(
          "Connections",
          ["execute-api:ManageConnections"],
          ["POST", "GET", "DELETE"].map((method) => ({
            "Fn::Sub": `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${WebsocketsApi}/*/${method}/@connections/*`,
          })),
        ),
      ];

/** The functions of the routes that name it among their callers. */
function peerStatements(
  { contract }: ServiceDefinition,
  services: readonly ServiceDefinition[],
  prefix: string,
): readonly Statement[] {
  const names = services.flatMap((peer) =>
    Object.values(peer.contract.routes)
      .filter((route) => peersOf(peer.contract, route).includes(contract.service))
      .map(({ id }) => `${peer.key}-${id}`),
  );
  return names.length === 0 ? [] : [invoke("Peers", names, prefix)];
}
