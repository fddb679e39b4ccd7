// osls reads .env by the packages dotenv and dotenv-expand, which cut a value at `$`. package.json puts this in their place,
// so that `npm start`, `npx serverless …` and the operators' commands read one file alike.

require("../shared/first.cjs");

/** As dotenv's: fills the environment from the file `path`. What is wrong with the file ends the command with one line. */
function config({ path }) {
  const { loadEnvFile } = require("../shared/env-file.ts");
  const { fail } = require("../shared/start-up-error.ts");
  try {
    if (loadEnvFile(path, process.env)) return { parsed: {} };
  } catch (error) {
    fail(error);
  }
  return { error: Object.assign(new Error(`There is no ${path}`), { code: "ENOENT" }) };
}

/** As dotenv-expand's: nothing is expanded. */
const expand = (result) => result;

module.exports = { config, expand };
