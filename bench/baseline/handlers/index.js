// A folder is loaded by plain require, as the local runtime's handlers are; a file would be looked up at each request.
export { handlers } from "./table.ts";
