// The original `Socket.prototype.destroy`, taken before Alipay's SDK is loaded; see sdk.ts.

import { Socket } from "node:net";

export const destroy = Socket.prototype.destroy;
