// docker-compose-services.yml, read as Compose reads it: merged, with its variables filled in.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";

export const ROOT = join(import.meta.dirname, "..", "..", "..");
export const COMPOSE_TEXT = readFileSync(join(ROOT, "docker-compose-services.yml"), "utf8");

const container = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  volumes: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  restart: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  deploy: z.object({
    resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string(), pids: z.number() }) }),
  }),
  depends_on: z
    .record(z.string(), z.object({ condition: z.string(), required: z.boolean().optional() }))
    .default({}),
  healthcheck: z
    .object({ test: z.array(z.string()), interval: z.string(), timeout: z.string(), retries: z.number() })
    .optional(),
});

export type Container = z.infer<typeof container>;

export const compose = z
  .object({
    services: z.record(z.string(), container),
    networks: z.record(z.string(), z.unknown()),
    volumes: z.record(z.string(), z.unknown()),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  })
  .parse(parse(COMPOSE_TEXT, { merge: true }));

export const containers: readonly (readonly [string, Container])[] = Object.entries(compose.services);

/** A text with `${NAME-…}` and `${NAME:-…}` in it as Compose fills it in. */
export const filledIn = (text: string, given: Readonly<Record<string, string>> = {}): string =>
  text.replace(/\$\{(\w+)(:?)-([^}]*)\}/g, (_, name: string, colon: string, otherwise: string) => {
    const value = given[name];
    return value === undefined || (colon !== "" && value === "") ? otherwise : value;
  });

/** The environment of a container, filled in. */
export const environmentOf = (
  { environment }: Container,
  given: Readonly<Record<string, string>> = {},
): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filledIn(value, given)]));
