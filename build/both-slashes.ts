// A plugin of `serverless package` and `deploy`: routes that differ in a trailing slash alone are both deployed.

interface Naming {
  getHttpApiRouteLogicalId(routeKey: string): string;
}

interface Serverless {
  getProvider(name: "aws"): { readonly naming: Naming };
}

/**
 * HTTP APIs tell `/a` from `/a/`, and this system serves both. osls gives both the same name in the template, where
 * one then silently takes the other's place; here the one with the slash gets a name of its own.
 */
export default class BothSlashes {
  constructor(serverless: Serverless) {
    const { naming } = serverless.getProvider("aws");
    const nameOf = naming.getHttpApiRouteLogicalId.bind(naming);
    naming.getHttpApiRouteLogicalId = (routeKey) =>
      routeKey.endsWith("/") ? `${nameOf(routeKey)}Slash` : nameOf(routeKey);
  }
}
