// Jest calls the default export of this file once, after the last test.
export { teardown as default } from "./temporary-folder.ts";
