// serverless-offline finds a handler by file name; a folder is loaded by plain require, which Node caches.
export { handlers } from "./table.ts";
