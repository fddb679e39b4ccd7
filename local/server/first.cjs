// Loaded before anything else of a server (node -r): the version of Node, what a full disk means, and files for their owner alone.

require("../shared/node-version.cjs");
require("../shared/output-errors.cjs");
require("../shared/zod-in-english.cjs");

process.umask(0o077);
