import { describe, expect, test } from "@jest/globals";
import { loadConfig } from "../config/env.ts";
import { endpointOf } from "./endpoint.ts";

describe("endpointOf", () => {
  test("DB_HOST wins over an emulator, an emulator over AWS", () => {
    const emulator = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566", AWS_REGION: "eu-west-1" };
    const local = loadConfig({ DB_HOST: "db", DB_PORT: "8000" });
    expect(endpointOf(local, emulator).url).toBe("http://db:8000");
    expect(endpointOf(loadConfig({}), emulator).url).toBe("http://127.0.0.1:4566");
    expect(endpointOf(loadConfig({}), { AWS_REGION: "eu-west-1" }).url).toBe(
      "https://dynamodb.eu-west-1.amazonaws.com",
    );
  });

  test("a session token goes with AWS's keys only", () => {
    const env = { AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s", AWS_SESSION_TOKEN: "t" };
    expect(endpointOf(loadConfig({}), env)).toMatchObject({ accessKeyId: "k", sessionToken: "t" });
    expect(endpointOf(loadConfig({ DB_USER: "u", DB_PASSWORD: "p" }), env)).not.toHaveProperty(
      "sessionToken",
    );
  });

  test("the embedded database is known by its setting", () => {
    expect(endpointOf(loadConfig({ DB_HOST: "db" }), {})).not.toHaveProperty("embedded");
    expect(endpointOf(loadConfig({ DB_ENGINE: "embedded", DB_HOST: "127.0.0.1" }), {}).embedded).toBe(true);
  });
});
