// Alipay's SDK, without what its HTTP client (urllib 4) does to everybody's sockets: it replaces `Socket.prototype.destroy` by
// one that marks the error, and throws when a second socket ends by the same error, as those of a closed pool do.

import "./socket-destroy.ts";
import { Socket } from "node:net";
import { AlipaySdk } from "alipay-sdk";
import { destroy } from "./socket-destroy.ts";

Socket.prototype.destroy = destroy;

export { AlipaySdk };
