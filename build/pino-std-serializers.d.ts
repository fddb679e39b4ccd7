// The package has no types for its parts.

declare module "pino-std-serializers/lib/err.js" {
  import { err } from "pino-std-serializers";

  export default err;
}
