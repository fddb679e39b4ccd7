// Loads zod without its messages in sixty other languages, which its entry loads with it, used or not: 65 modules, more than half of
// what zod costs at a start. To be loaded before whatever imports zod; the hook is gone afterwards.

const { registerHooks } = require("node:module");
const { dirname, join } = require("node:path");

const LANGUAGES = /\/zod\/v4\/locales\/index\.js$/;
const ENGLISH = 'export { default as en } from "./en.js";';

const hook = registerHooks({
  load: (url, context, next) =>
    LANGUAGES.test(url) ? { format: "module", source: ENGLISH, shortCircuit: true } : next(url, context),
});
try {
  // The ES module, which is what an import gets; require("zod") would load another one.
  require(join(dirname(require.resolve("zod")), "index.js"));
} finally {
  hook.deregister();
}
