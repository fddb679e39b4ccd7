// Alipay's SDK, without a side effect of its HTTP client (urllib 4) on all sockets of the process: it replaces
// `Socket.prototype.destroy` by one that marks the error, and that throws when a second socket ends with the same error, as
// sockets of a closed pool do.

import "./socket-destroy.ts";
import { Socket } from "node:net";
import { AlipaySdk } from "alipay-sdk";
import { destroy } from "./socket-destroy.ts";

Socket.prototype.destroy = destroy;

export { AlipaySdk };
