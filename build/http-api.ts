// A plugin of `serverless package` and `deploy`: what osls can't say of the APIs. One role lets the HTTP API run the functions of its
// routes, where osls has a permission for each; its routes have limits; and no other WebSocket API runs the functions of this one.

import { services } from "../functions/services.ts";
import { deploymentSettings } from "./deployment.ts";
import { type FunctionEvent, fallbackEvents, routeEvents } from "./functions.ts";
import { HTTP_API_ROLE } from "./http-api-role.ts";
import { isDeployed } from "./peer-routes.ts";

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  DependsOn?: string | string[];
}

type Resources = Record<string, Resource>;

interface Serverless {
  readonly service: {
    readonly provider: { readonly compiledCloudFormationTemplate: { readonly Resources: Resources } };
  };
}

export default class HttpApi {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor({ service }: Serverless) {
    this.hooks = {
      "after:package:compileEvents": () => {
        const { Resources } = service.provider.compiledCloudFormationTemplate;
        invokedByRole(Resources);
        limited(Resources, deploymentSettings(process.env).ROUTE_RATE_LIMIT);
        invokedByOwnSockets(Resources);
      },
    };
  }
}

/** Puts the role into each integration of the HTTP API, in the place of the function's permission. */
export function invokedByRole(resources: Resources): void {
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type === "AWS::ApiGatewayV2::Integration" && isOfHttpApi(Properties))
      Properties["CredentialsArn"] = { "Fn::GetAtt": [HTTP_API_ROLE, "Arn"] };
    if (Type === "AWS::Lambda::Permission" && id.endsWith("PermissionHttpApi")) delete resources[id];
  }
}

/**
 * Permits the functions of WebSocket routes to this stack's API alone: osls permits them to API Gateway, on behalf of anybody
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).
 */
export function invokedByOwnSockets(resources: Resources): void {
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type === "AWS::Lambda::Permission" && id.endsWith("PermissionWebsockets"))
      Properties["SourceArn"] = {
        "Fn::Sub": `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${WebsocketsApi}/*`,
      };
  }
}

/**
 * Limits each route to `rate` requests per second; those that anybody may call without a token or a signature (health, documentation,
 * paths without a route) to a tenth. In a burst twice as many are taken.
 */
export function limited(resources: Resources, rate: number): void {
  const stage = resources["HttpApiStage"];
  if (stage === undefined) throw new Error("The template has no stage of the HTTP API.");
  const open = new Set(openRoutes());
  const routes = Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    const key = Properties["RouteKey"];
    return Type === "AWS::ApiGatewayV2::Route" && isOfHttpApi(Properties) && typeof key === "string"
      ? [{ id, key }]
      : [];
  });
  const few = routes.filter(({ key }) => open.has(key));
  const { DefaultRouteSettings } = stage.Properties;
  Object.assign(stage.Properties, {
    DefaultRouteSettings: { ...Object(DefaultRouteSettings), ...limit(rate) },
    RouteSettings: Object.fromEntries(few.map(({ key }) => [key, limit(Math.ceil(rate / 10))])),
  });
  // A stage can't have settings of a route that is not there yet.
  stage.DependsOn = [...[stage.DependsOn ?? []].flat(), ...few.map(({ id }) => id)];
}

const isOfHttpApi = ({ ApiId }: Resource["Properties"]): boolean =>
  JSON.stringify(ApiId) === JSON.stringify({ Ref: "HttpApi" });

const limit = (rate: number) => ({ ThrottlingRateLimit: rate, ThrottlingBurstLimit: 2 * rate });

/** The keys of the routes that are public, and of what answers paths without a route. */
const openRoutes = (): readonly string[] =>
  services.flatMap((service, index) => {
    const open = Object.values(service.contract.routes).filter(
      (route) => route.access === "public" && isDeployed(service.contract, route),
    );
    const events = open.flatMap((route) => routeEvents(service, route, "aws", index === 0));
    return [...events, ...fallbackEvents(service.contract, "aws", index === 0)].flatMap(routeKeys);
  });

/** The route key of API Gateway for an event of osls. */
export const routeKeys = (event: FunctionEvent): readonly string[] => {
  if (!("httpApi" in event)) return [];
  const { httpApi: route } = event;
  return [typeof route === "string" ? "$default" : `${route.method} ${route.path}`.replace(/^\* /, "ANY ")];
};
