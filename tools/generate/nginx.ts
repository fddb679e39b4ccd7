// What Nginx is told of the services: where their containers are, and which paths go to which of them.

import type { ServiceDefinition } from "../../functions/services.ts";
import type { Route } from "../../lib/contract/route.ts";
import { isPublic } from "../../local/gateway/routes.ts";
import { instancesOf } from "./compose.ts";

const MADE = "# Made by npm run generate.\n";

/** The containers of each service, as servers/nginx/services.conf has them. */
export const nginxServices = (services: readonly ServiceDefinition[]): string =>
  [
    `${MADE}# fail_timeout: an instance that failed, or is about to stop, is left out for so long: not shorter. keepalive_timeout is below that of a`,
    "# service, so that no request is sent on a connection that is closing. resolve: a container that is made again has another address.",
    ...services.map(upstream),
    "",
  ].join("\n");

const upstream = (service: ServiceDefinition): string => `upstream ${service.key} {
  zone ${service.key} 128k;
  least_conn;
${instancesOf(service)
  .map((name) => `  server ${name}:${service.port} max_fails=1 fail_timeout=2s resolve;\n`)
  .join("")}  keepalive 64;
  keepalive_timeout 4s;
}`;

/** The public paths of each service, as servers/nginx/routes.conf has them. Every other path is unknown to Nginx. */
export const nginxRoutes = (services: readonly ServiceDefinition[]): string =>
  [
    `${MADE}# A request with an Idempotency-Key is answered 418 here, which takes it to the location @keyed of nginx.conf.`,
    ...services.map((service, index) => paths(service, index === 0)),
    "",
  ].join("\n");

function paths({ key, contract, sockets }: ServiceDefinition, first: boolean): string {
  const routes = Object.values(contract.routes).filter(isPublic);
  const signed = routes.filter(({ access }) => access === "signed");
  return [
    ...(sockets
      ? [location(`= ${sockets.path}`, [...live(key)]), location(`= ${sockets.path.slice(0, -1)}`, live(key))]
      : []),
    ...signed.map(({ path }) =>
      location(`~ ^${pattern(path)}$`, ["limit_req zone=callbacks burst=200 nodelay;", ...to(key)]),
    ),
    ...prefixes(routes).map((prefix) =>
      location(`~ ^${prefix}(/|$)`, [
        "limit_req zone=requests burst=200 nodelay;",
        `set $service ${key};`,
        "if ($keyed) { return 418; }",
        ...to(key),
      ]),
    ),
    ...["health/?", "openapi\\.json"].map((page) =>
      location(`~ ^${first ? `(?:/${key})?` : `/${key}`}/(?<page>${page})$`, [
        "limit_req zone=requests burst=200 nodelay;",
        `proxy_pass http://${key}/$page;`,
      ]),
    ),
  ].join("\n");
}

const to = (key: string): string[] => [`proxy_pass http://${key};`];

const live = (key: string): string[] => [
  "limit_conn live 100;",
  "limit_req zone=requests burst=200 nodelay;",
  "set $protocol $http_upgrade;",
  "set $hop upgrade;",
  "proxy_read_timeout 2h;",
  "proxy_send_timeout 2h;",
  ...to(key),
];

/** `/api/orders` of `/api/orders/{id}/`: the fixed beginnings of paths that no other one begins with. */
function prefixes(routes: readonly Pick<Route, "path">[]): string[] {
  const all = routes.map(({ path }) => path.replace(/\/?(\{.*)?$/, ""));
  return [...new Set(all)].filter((one) => !all.some((other) => one.startsWith(`${other}/`))).sort();
}

const pattern = (path: string): string => path.replace(/\{[^}]*\}/g, "[^/]+").replace(/\/$/, "/?");

const location = (where: string, lines: readonly string[]): string =>
  `location ${where} {\n${lines.map((line) => `  ${line}\n`).join("")}}`;
