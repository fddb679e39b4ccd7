// Where the database is.

import type { Config } from "../config/env.ts";
import { awsEndpoint, awsRegion } from "../core/aws-endpoint.ts";
import { authority } from "../core/host.ts";

export interface Endpoint {
  /** `http://127.0.0.1:4567` */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /**
   * It is the embedded database: requests are not signed, since it checks no signatures and making them is half of what a call
   * costs here, and go as frames over one connection.
   */
  readonly embedded?: boolean;
}

/** Where the settings say the database is: `DB_HOST`, an emulator's `AWS_ENDPOINT_URL`, or AWS itself. */
export function endpointOf(config: Config, env: NodeJS.ProcessEnv = process.env): Endpoint {
  const url =
    config.DB_HOST !== undefined
      ? `http://${authority(config.DB_HOST, config.DB_PORT)}`
      : awsEndpoint("dynamodb", env);
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return {
    url,
    region: awsRegion(env),
    accessKeyId: config.DB_USER ?? env["AWS_ACCESS_KEY_ID"] ?? "local",
    secretAccessKey: config.DB_PASSWORD ?? env["AWS_SECRET_ACCESS_KEY"] ?? "local",
    ...(config.DB_USER === undefined && sessionToken !== undefined ? { sessionToken } : {}),
    ...(config.DB_ENGINE === "embedded" ? { embedded: true } : {}),
  };
}
