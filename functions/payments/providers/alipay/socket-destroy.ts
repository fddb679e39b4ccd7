// How sockets end, as it was before Alipay's SDK was loaded; see sdk.ts.

import { Socket } from "node:net";

export const destroy = Socket.prototype.destroy;
