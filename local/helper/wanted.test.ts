import { describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../lib/config/env.ts";
import { wantedHelperPorts, wantedServices } from "./wanted.ts";

const wanted = (env: Record<string, string>) => wantedServices(loadConfig(env));

describe("What a configuration requires of the helper", () => {
  test("is a database if it is embedded, on this machine", () => {
    expect(wanted({ DB_ENGINE: "embedded", DB_PORT: "5000" }).database).toEqual({
      host: "127.0.0.1",
      port: 5000,
    });
    expect(wanted({ DB_ENGINE: "dynamodb", DB_HOST: "127.0.0.1" }).database).toBeUndefined();
    expect(() => wanted({ DB_ENGINE: "embedded", DB_HOST: "10.0.0.1" })).toThrow(/Remove DB_HOST/);
  });

  test("is a registry if its address is this machine's", () => {
    expect(wanted({ NACOS_SERVER: "localhost:9000" }).registry).toEqual({ host: "127.0.0.1", port: 9000 });
    expect(wanted({ NACOS_SERVER: "localhost" }).registry).toEqual({ host: "127.0.0.1", port: 8848 });
    expect(wanted({ NACOS_SERVER: "nacos.example.com:8848" }).registry).toBeUndefined();
    expect(wanted({ EMBEDDED_REGISTRY: "off" }).registry).toBeUndefined();
    expect(wanted({ NACOS_SERVER: "[::1]:9000" }).registry).toEqual({ host: "127.0.0.1", port: 9000 });
  });

  test("is a registry with the account that is set", () => {
    const NACOS_SERVER = "localhost";
    expect(wanted({ NACOS_SERVER, NACOS_USERNAME: "nacos", NACOS_PASSWORD: "secret" }).registry).toEqual({
      host: "127.0.0.1",
      port: 8848,
      account: { username: "nacos", password: "secret" },
    });
  });

  test("is no registry where TLS is required, which the embedded one does not support", () => {
    expect(wanted({ NACOS_SERVER: "https://localhost:9000" }).registry).toBeUndefined();
  });

  test("needs the ports that are set for it, each named after its setting", () => {
    const env = { DB_ENGINE: "embedded", NACOS_SERVER: "localhost" };
    expect(wantedHelperPorts(loadConfig(env)).map(({ port, setting }) => [port, setting])).toEqual([
      [4567, "DB_PORT in .env"],
      [8848, "NACOS_SERVER in .env"],
      [9848, "NACOS_SERVER in .env"],
      [1025, "MAIL_SMTP_PORT in .env"],
      [8025, "MAIL_PAGE_PORT in .env"],
    ]);
    const last = { ...env, NACOS_SERVER: "localhost:64536", SMTP_URL: "smtp://mail.example" };
    expect(wantedHelperPorts(loadConfig(last)).map(({ port }) => port)).toEqual([4567, 64_536]);
    expect(wantedHelperPorts(loadConfig({ SMTP_URL: "smtp://mail.example" }))).toEqual([]);
  });

  test("is a control room with DEBUG, if it has a port", () => {
    const CONTROL_ROOM_PORT = "8010";
    expect(wanted({ DEBUG: "True", CONTROL_ROOM_PORT }).controlRoom).toEqual({
      host: "127.0.0.1",
      port: 8010,
      historyMb: 200,
    });
    expect(wanted({ DEBUG: "True" }).controlRoom).toBeUndefined();
    const SECRET_KEY = "uJ2s8Zl0vQ4xN7bT1cY6mW3kR9pE5hGdAfLq";
    expect(
      wanted({ DEBUG: "False", SECRET_KEY, ALLOWED_HOSTS: "a.example", CONTROL_ROOM_PORT }).controlRoom,
    ).toBeUndefined();
  });

  test("is a mail catcher if no mail server is named", () => {
    expect(wanted({ MAIL_SMTP_PORT: "2525" }).mail).toEqual({
      host: "127.0.0.1",
      smtpPort: 2525,
      pagePort: 8025,
    });
    expect(wanted({ SMTP_URL: "smtp://mail.example.com" }).mail).toBeUndefined();
  });
});
