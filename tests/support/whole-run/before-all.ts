// Jest calls the default export of this file once, before the first test.
export { setup as default } from "./temporary-folder.ts";
