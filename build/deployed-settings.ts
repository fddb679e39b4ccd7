// The settings of functions on AWS, checked before anything is packaged: there nobody sees a function that refuses to start.

import { services } from "../functions/services.ts";
import { settingNames, settingProblems } from "../functions/settings.ts";
import type { Environment } from "../lib/config/env.ts";
import { isReference, parseReference, REFERENCE_FORMS, referencesIn } from "../lib/config/references.ts";
import { isStrong, isTemplateReference, MIN_SECRET_LENGTH } from "../lib/config/secrets.ts";
import { origins, textList } from "../lib/config/setting-types.ts";
import { urlVariable } from "../lib/core/service-name.ts";
import { CORS } from "../lib/http/cors.ts";
import { ALARM_TOPIC } from "./alarms.ts";
import { deploymentSettingProblems } from "./deployment.ts";
import { referable } from "./environment.ts";
import { SECRETS_KMS_KEY } from "./secret-statements.ts";

/** `provider.httpApi.cors` of serverless.yml. */
export interface HttpApiCors {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedResponseHeaders: readonly string[];
  readonly maxAge: number;
}

/**
 * What is wrong with the settings that a deployment takes from `env`, a line each that begins with the setting's name: all
 * that a start with DEBUG=False would refuse, and what works on this machine alone. A reference to a secret is checked by its form:
 * what it names is checked by the functions that read it.
 */
export function deploymentProblems(env: Environment): readonly string[] {
  const there = { ...env, ...peers };
  const isOfReference = (line: string) => {
    const text = there[line.split(" ", 1)[0] ?? ""] ?? "";
    return isReference(text) || isTemplateReference(text);
  };
  const wrong = settingProblems(there).filter((line) => !isOfReference(line));
  const files = settingNames.filter((name) => env[name]?.trim().startsWith("file:"));
  return [
    ...secretKeyProblem(env["SECRET_KEY"] ?? ""),
    ...fallbackProblem(env["SECRET_KEY_FALLBACKS"] ?? ""),
    ...wrong,
    ...referenceProblems(env),
    ...deploymentSettingProblems(env),
    ...topicProblem(env[ALARM_TOPIC] ?? ""),
    ...files.map(noSuchFile),
  ];
}

/** Functions are given the stack's own URL for every service; what `env` says of them counts on this machine. */
const peers = Object.fromEntries(
  services.map(({ contract }) => [urlVariable(contract.service), "https://stack.example"]),
);

const secretKeyProblem = (key: string): readonly string[] =>
  isStrong(key) || isReference(key) || isTemplateReference(key)
    ? []
    : [
        `SECRET_KEY must be set to deploy, ${MIN_SECRET_LENGTH} characters at least, in the environment or in .env ` +
          "(openssl rand -base64 48 makes one)",
      ];

function fallbackProblem(text: string): readonly string[] {
  const { data: keys = [] } = textList.safeParse(text);
  return keys.every((key) => isStrong(key) || isReference(key) || isTemplateReference(key))
    ? []
    : [`SECRET_KEY_FALLBACKS must have keys of ${MIN_SECRET_LENGTH} characters at least`];
}

/** A key of KMS by its ARN. An alias would not do: policies name keys. */
const KMS_KEY = /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/;

const TOPIC = /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/;

const topicProblem = (topic: string): readonly string[] =>
  topic === "" || TOPIC.test(topic)
    ? []
    : [`${ALARM_TOPIC} must be the ARN of a topic: arn:<partition>:sns:<region>:<account>:<name>`];

function referenceProblems(env: Environment): readonly string[] {
  const allowed = referable(services);
  const wrong = settingNames.flatMap((name) => {
    const text = env[name] ?? "";
    if (isTemplateReference(text)) {
      const why = "CloudFormation would put the secret into the functions' environment";
      return [`${name} must be ${REFERENCE_FORMS}, not {{resolve:…}}: ${why}`];
    }
    const references = referencesIn(text);
    if (references.length > 0 && !allowed.has(name))
      return [`${name} can't be a reference: give the value itself`];
    return references.every((one) => parseReference(one) !== undefined)
      ? []
      : [`${name} has a reference of an unknown form: it must be ${REFERENCE_FORMS}`];
  });
  const key = env[SECRETS_KMS_KEY] ?? "";
  return key === "" || KMS_KEY.test(key)
    ? wrong
    : [
        ...wrong,
        `${SECRETS_KMS_KEY} must be the ARN of a key: arn:<partition>:kms:<region>:<account>:key/<id>`,
      ];
}

const noSuchFile = (name: string): string =>
  `${name} names a file, which functions on AWS do not have: give the text itself, or a reference to a secret`;

/**
 * What pages of CORS_ORIGINS may do, in the words of API Gateway; false for no page at all. Other origins get no
 * permission from their browser, and no token is sent without one.
 */
export function httpApiCors(env: Environment): HttpApiCors | false {
  const { data: allowedOrigins = [] } = origins.safeParse(env["CORS_ORIGINS"]);
  if (allowedOrigins.length === 0) return false;
  return {
    allowedOrigins,
    allowedMethods: CORS.methods,
    allowedHeaders: CORS.headers,
    exposedResponseHeaders: CORS.exposedHeaders,
    maxAge: CORS.maxAgeSeconds,
  };
}
