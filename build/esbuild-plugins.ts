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

/** What is loaded when it is first needed, each with the functions that may need it: the others do not carry it. */
const LOADED_BY_NEED = [
  {
    // The adapters of payment providers, with their SDKs: for whatever asks a provider.
    modules: /[\\/](alipay[\\/]alipay|wechat-pay[\\/]wechat-pay)\.ts$/,
    functions: /payments[\\/]handlers[\\/](create-payment|cancel-payment|callback|relay)\.ts$/,
  },
  {
    // For what sends mail.
    modules: /^nodemailer$/,
    functions: /notifications[\\/]handlers[\\/]relay\.ts$/,
  },
  {
    // For what writes contacts.
    modules: /^dynamoose$/,
    functions: /notifications[\\/]handlers[\\/](send-notification|read-all)\.ts$/,
  },
];

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

/** Leaves what is loaded by need out of functions that never need it. */
const loadedByNeed: Plugin = {
  name: "loaded-by-need",
  setup(build) {
    const { entryPoints } = build.initialOptions;
    const entries = Array.isArray(entryPoints) ? entryPoints.map(String) : [];
    for (const { modules, functions } of LOADED_BY_NEED) {
      if (entries.some((entry) => functions.test(entry))) continue;
      build.onResolve({ filter: modules }, ({ kind, path }) =>
        kind === "dynamic-import" ? { path, namespace: "left-out" } : undefined,
      );
    }
    build.onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of this function`)});`,
    }));
  },
};

export default [undiciParts, wechatpayParts, loadedByNeed, noCommands];
