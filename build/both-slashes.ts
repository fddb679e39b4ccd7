// A plugin of `serverless package` and `deploy`: deploys routes that differ only in a trailing slash.

interface Naming {
  getHttpApiRouteLogicalId(routeKey: string): string;
}

interface Serverless {
  getProvider(name: "aws"): { readonly naming: Naming };
}

/**
 * HTTP APIs distinguish `/a` from `/a/`, and this system serves both. osls gives both the same name in the template, so one
 * would replace the other without a message; this plugin gives the one with the slash another name.
 */
export default class BothSlashes {
  constructor(serverless: Serverless) {
    const { naming } = serverless.getProvider("aws");
    const nameOf = naming.getHttpApiRouteLogicalId.bind(naming);
    naming.getHttpApiRouteLogicalId = (routeKey) =>
      routeKey.endsWith("/") ? `${nameOf(routeKey)}Slash` : nameOf(routeKey);
  }
}
