// Preloaded into `serverless package` where only its template is wanted: functions are not bundled, which takes most of the time.

const { registerHooks } = require("node:module");

const EMPTY =
  "export const bundleOf = async () => ({ code: new Uint8Array(), map: new Uint8Array(), parts: new Map(), inputs: [] });";

registerHooks({
  load: (url, context, next) =>
    /\/build\/bundle\.ts$/.test(url)
      ? { format: "module", source: EMPTY, shortCircuit: true }
      : next(url, context),
});
