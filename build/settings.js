// What a deployment depends on besides serverless.yml, which reads it from here.

import { MIN_SECRET_LENGTH } from "../lib/config/secrets.ts";

const commands = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const offline = commands.includes("offline");
const builds = ["package", "deploy"].includes(commands[0]);

/**
 * Ends the tables' names: stages live side by side in one account. On this machine each has a database of its own.
 */
export const tableSuffix = async ({ resolveVariable }) =>
  offline ? "" : `-${await resolveVariable("sls:stage")}`;

/**
 * The functions' SECRET_KEY: from the environment or .env, as it is or as a CloudFormation reference to a secret, which
 * keeps it out of the template. What is packaged without one would not start, so that is refused.
 */
export const secretKey = () => {
  const key = process.env.SECRET_KEY ?? "";
  if (builds && !key.startsWith("{{resolve:") && key.length < MIN_SECRET_LENGTH) {
    throw plainError(
      `SECRET_KEY must be set to deploy, ${MIN_SECRET_LENGTH} characters at least, in the environment or in .env ` +
        "(openssl rand -base64 48 makes one). See docs/guides/deploy.md.",
    );
  }
  return key;
};

/** osls prints the stack of what is thrown here; a person needs the message alone. */
function plainError(message) {
  const error = new Error(message);
  error.stack = message;
  return error;
}
