// What esbuild does to bundles beyond its options in serverless.yml.

import { join } from "node:path";
import type { Plugin } from "esbuild";

const beside = (name: string): string => join(import.meta.dirname, name);

/** Puts the used part of undici in the place of the whole. */
const undiciParts: Plugin = {
  name: "undici-parts",
  setup(build) {
    build.onResolve({ filter: /^undici(\/lib\/web\/fetch\/response\.js)?$/ }, ({ importer }) => ({
      path: beside(/[\\/]node_modules[\\/]urllib[\\/]/.test(importer) ? "undici-of-urllib.js" : "undici.js"),
    }));
  },
};

/** Puts the used parts of WeChat Pay's SDK in the place of the whole, which can't be bundled. */
const wechatpayParts: Plugin = {
  name: "wechatpay-parts",
  setup(build) {
    build.onResolve({ filter: /^wechatpay-axios-plugin$/ }, () => ({ path: beside("wechatpay-parts.js") }));
  },
};

/** The functions that ask payment providers: the only ones that carry the adapters with their SDKs. */
const ASKS_PROVIDERS = /payments[\\/]handlers[\\/](create-payment|cancel-payment|callback|relay)\.ts$/;
const ADAPTER = /[\\/](alipay[\\/]alipay|wechat-pay[\\/]wechat-pay)\.ts$/;

/** Leaves out what the list of services loads for commands and checks alone. */
const noCommands: Plugin = {
  name: "no-commands",
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ kind, importer, path }) =>
      kind === "dynamic-import" && SERVICE_LIST.test(importer) ? { path, external: true } : undefined,
    );
  },
};

const SERVICE_LIST = /[\\/]functions[\\/]services\.ts$/;

/** Leaves the adapters of payment providers, which are loaded by need, out of functions that never need them. */
const providersByNeed: Plugin = {
  name: "providers-by-need",
  setup(build) {
    const { entryPoints } = build.initialOptions;
    const entries = Array.isArray(entryPoints) ? entryPoints.map(String) : [];
    if (entries.some((entry) => ASKS_PROVIDERS.test(entry))) return;
    build.onResolve({ filter: ADAPTER }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, namespace: "left-out" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of this function`)});`,
    }));
  },
};

export default [undiciParts, wechatpayParts, providersByNeed, noCommands];
