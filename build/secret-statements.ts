// What a role may read of secrets: exactly those to which its functions' settings refer.

import { parseReference, referencesIn } from "../lib/config/references.ts";
import type { FunctionSettings } from "./environment.ts";
import { allow, type Statement } from "./statement.ts";

/** Variable of a deployment: the ARN of the KMS key with which secrets are encrypted, unless that is the one that AWS manages. */
export const SECRETS_KMS_KEY = "SECRETS_KMS_KEY_ARN";

/**
 * The statements for functions with `settings`; none where no setting is a reference. `key` is the ARN of a customer's key, or empty:
 * keys that AWS manages may be used by whoever may read the secret.
 */
export function secretStatements(settings: FunctionSettings, key: string): readonly Statement[] {
  const references = [
    ...new Set(
      Object.values(settings).flatMap((text) => (typeof text === "string" ? referencesIn(text) : [])),
    ),
  ].flatMap((text) => parseReference(text) ?? []);
  const parameters = references.flatMap((one) => (one.store === "ssm" ? [one.name] : []));
  const secrets = new Set(references.flatMap((one) => (one.store === "secretsmanager" ? [one.id] : [])));
  return [
    ...statement("Parameters", "ssm:GetParameter", parameters.map(parameterArn)),
    ...statement("Secrets", "secretsmanager:GetSecretValue", [...secrets].map(secretArn)),
    ...statement("SecretsKey", "kms:Decrypt", references.length === 0 || key === "" ? [] : [key]),
  ];
}

const statement = (sid: string, action: string, resources: readonly unknown[]): readonly Statement[] =>
  resources.length === 0 ? [] : [allow(sid, [action], resources)];

const arnOf = (service: string, resource: string) => ({
  "Fn::Sub": `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
});

/** The name begins with a slash. */
const parameterArn = (name: string) => arnOf("ssm", `parameter${name}`);

/** ARNs of secrets end in six characters that are not part of their name. */
const secretArn = (id: string) =>
  id.startsWith("arn:") ? id : arnOf("secretsmanager", `secret:${id}-??????`);
